/** Where posts stand in a calendar, and where the keys take them. */
import type { Network } from '../types';
import type { Attached, Post, PostState, Target } from './types';
import { addDays, addMonths, dateOf, hourOf, longDay, monthWords, shift, shortDay, wallOf, weekday } from './wall';

export type CalendarView = 'mes' | 'semana' | 'agenda';

const agendaDays = 28;

/** The Monday of its week. */
export const mondayOf = (date: string) => addDays(date, -weekday(date));

export const weekOf = (date: string) => Array.from({ length: 7 }, (_, i) => addDays(mondayOf(date), i));

/** The weeks that hold the month of a date, Monday first. */
export function monthWeeks(date: string): string[][] {
  const month = date.slice(0, 7);
  const weeks: string[][] = [];
  for (let monday = mondayOf(`${month}-01`); monday.slice(0, 7) <= month; monday = addDays(monday, 7)) weeks.push(weekOf(monday));
  return weeks;
}

/** The first and the last day a view shows. An agenda begins with the week of its day. */
export function rangeOf(view: CalendarView, date: string): [from: string, to: string] {
  switch (view) {
    case 'mes': {
      const weeks = monthWeeks(date);
      return [weeks[0]![0]!, weeks.at(-1)![6]!];
    }
    case 'semana':
      return [mondayOf(date), addDays(mondayOf(date), 6)];
    case 'agenda':
      return [mondayOf(date), addDays(mondayOf(date), agendaDays - 1)];
  }
}

/** What a view shows, in words. */
export function periodWords(view: CalendarView, date: string): string {
  if (view === 'mes') return monthWords(date);
  const [from, to] = rangeOf(view, date);
  return `${shortDay(from, to)} al ${shortDay(to, to)} de ${to.slice(0, 4)}`;
}

/** A page on or back. */
export function turn(view: CalendarView, date: string, pages: number): string {
  if (view === 'mes') return addMonths(date, pages);
  return addDays(date, pages * (view === 'semana' ? 7 : agendaDays));
}

/** How far a key moves: in days on the grid, in minutes of the hour. */
export function stepOf(key: string, shifted: boolean): { days: number; minutes: number } | undefined {
  const hours: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  const days: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  if (shifted) return hours[key] === undefined ? undefined : { days: 0, minutes: hours[key] * 60 };
  return days[key] === undefined ? undefined : { days: days[key], minutes: 0 };
}

/** The same wall clock another day. */
export const onDay = (local: string, date: string) => `${date}T${hourOf(local)}`;

/** When a post goes out, by the clock of its own zone; '' for one without a moment. */
export function localOf(p: Post): string {
  if (p.publishAt?.local) return p.publishAt.local.slice(0, 16);
  return p.publishAt?.at ? wallOf(p.publishAt.at, p.publishAt.zone) : '';
}

/** The posts of each day by their hour; one that is being moved stands where it was taken to. */
export function byDay(posts: readonly Post[], moved?: { id: string; to: string }): Map<string, Post[]> {
  const found = new Map<string, Post[]>();
  const at = (p: Post) => (moved?.id === p.id ? moved.to : localOf(p));
  for (const p of posts) {
    const local = at(p);
    if (!local) continue;
    const day = found.get(dateOf(local));
    if (day) day.push(p);
    else found.set(dateOf(local), [p]);
  }
  for (const day of found.values()) day.sort((a, b) => at(a).localeCompare(at(b)) || a.id.localeCompare(b.id));
  return found;
}

/** What some networks of a post say alike. */
export interface Part {
  networks: Network[];
  text: string;
  link: string;
  media: Attached[];
  state: PostState;
}

/** The ways out of a post: one for each network, or for each person whom a template goes to. */
export function targetsOf(p: Post): { name: string; network: Network; target: Target }[] {
  const names = Object.keys(p.targets ?? {});
  return p.networks.flatMap((network) =>
    names.filter((name) => name === network || name.startsWith(`${network}-`)).sort((a, b) => a.localeCompare(b, 'es', { numeric: true }))
      .map((name) => ({ name, network, target: p.targets![name]! })));
}

const worstFirst: readonly PostState[] = ['claimed', 'unknown', 'refused', 'expired', 'planned', 'sent'];

/** How what goes to several people stands: as the worst of them. */
function worst(p: Post, network: Network): PostState {
  const states: PostState[] = targetsOf(p).filter((t) => t.network === network).map((t) => t.target.state);
  return worstFirst.find((s) => states.includes(s)) ?? 'cancelled';
}

/** What one network says of a post, and how it stands there. */
export function partOf(p: Post, network: Network): Part {
  const v = p.variants?.[network];
  const state = p.targets?.[network]?.state ?? (p.targets?.[`${network}-1`] ? worst(p, network) : p.state);
  // A template goes out as it was approved, with nothing beside it.
  if (v?.template) return { networks: [network], text: v.preview || `Plantilla ${v.template.name}`, link: '', media: [], state };
  return { networks: [network], text: v?.text ?? p.text, link: v?.link ?? p.link ?? '', media: v?.media ?? p.media ?? [], state };
}

/** A post as its networks show it: those that say the same and stand alike are one part. */
export function partsOf(p: Post): Part[] {
  const found: Part[] = [];
  for (const network of p.networks) {
    const part = partOf(p, network);
    const same = found.find((f) => f.text === part.text && f.link === part.link && f.state === part.state && f.media.map((m) => m.id).join() === part.media.map((m) => m.id).join());
    if (same) same.networks.push(network);
    else found.push(part);
  }
  return found.length > 0 ? found : [{ networks: [], text: p.text, link: p.link ?? '', media: p.media ?? [], state: p.state }];
}

/** The first words of a text, on one line. */
export function firstWords(text: string, most = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const letters = [...line];
  if (letters.length <= most) return line || 'Sin texto';
  const cut = letters.slice(0, most).join('');
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most / 2)).replace(/[\s.,;:]+$/, '')}…`;
}

/** A day aloud: "martes 1 de diciembre de 2026, 2 publicaciones". */
export const dayLabel = (date: string, posts: number) => `${longDay(date)}, ${posts === 0 ? 'sin publicaciones' : posts === 1 ? '1 publicación' : `${posts} publicaciones`}`;

export { shift };
