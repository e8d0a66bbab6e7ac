/** A series: which of its posts a change is for, and the dates one will have. */
import type { Post, Recurrence, Scope } from './types';
import { addDays, addMonths, dateOf, hourOf, weekday } from './wall';

export interface ScopeChoice {
  scope: Scope;
  label: string;
  note: string;
}

/** The choices for a post of a series, the narrowest first. */
export function scopesOf(p: Post): ScopeChoice[] {
  if (!p.series) return [];
  const choices: ScopeChoice[] = [{ scope: 'this', label: 'Solo esta', note: 'Las demás de la serie quedan como están.' }];
  choices.push({ scope: 'next', label: 'Esta y las siguientes', note: 'Las anteriores quedan como están.' });
  if ((p.place ?? 1) > 1) choices.push({ scope: 'all', label: 'Todas', note: 'Incluye las anteriores que todavía no salen.' });
  else choices.push({ scope: 'all', label: 'Todas', note: 'Es la primera: son las mismas que las siguientes.' });
  return choices;
}

/** Said after a change. */
export const scopeWords: Record<Scope, string> = { this: 'solo en esta', next: 'en esta y las siguientes', all: 'en toda la serie' };

export const everyWords: Record<Recurrence['every'], string> = { daily: 'Cada día', weekly: 'Cada semana', monthly: 'Cada mes' };

const units: Record<Recurrence['every'], [one: string, many: string]> = { daily: ['día', 'días'], weekly: ['semana', 'semanas'], monthly: ['mes', 'meses'] };

/** The days of the week as the service writes them, Monday first. */
export const weekCodes = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const weekWords: Record<string, string> = { mon: 'lunes', tue: 'martes', wed: 'miércoles', thu: 'jueves', fri: 'viernes', sat: 'sábado', sun: 'domingo' };

/** "Cada 2 semanas, lunes y jueves, hasta el 31-12-2026". */
export function recurrenceWords(r: Recurrence): string {
  const n = r.interval ?? 1;
  const head = n === 1 ? everyWords[r.every] : `Cada ${n} ${units[r.every][1]}`;
  const days = r.every === 'weekly' && r.days?.length ? `, ${listWords(weekCodes.filter((d) => r.days!.includes(d)).map((d) => weekWords[d]!))}` : '';
  const end = r.count ? `, ${r.count === 1 ? '1 vez' : `${r.count} veces`}` : r.until ? `, hasta el ${r.until.split('-').reverse().join('-')}` : '';
  return head + days + end;
}

export const listWords = (words: readonly string[]) => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} y ${words.at(-1)}`);

/** The most posts a series may have (for the preview; the service has the last word). */
export const mostPosts = 60;

/** Why a recurrence that begins at local has no dates; '' when it has. */
export function recurrenceGap(r: Recurrence, local: string): string {
  const first = weekCodes[weekday(dateOf(local))];
  if (r.every === 'weekly' && r.days?.length && first && !r.days.includes(first)) return 'La primera fecha no cae en ninguno de los días elegidos. Cambia la fecha o agrega ese día.';
  if (r.until && dateOf(local) > r.until) return 'La última fecha es anterior a la primera.';
  if (momentsOf(r, local, mostPosts).more) return `La repetición daría más de ${mostPosts} publicaciones. Acorta el plazo o repítela menos seguido.`;
  return '';
}

/** The first moments of a recurrence that begins at local, as the wall clock shows them; at most so many, and whether there are more. */
export function momentsOf(r: Recurrence, local: string, most = 12): { moments: string[]; more: boolean; endless: boolean } {
  const found: string[] = [];
  const endless = !r.count && !r.until;
  const full = () => found.length > most;
  for (const date of datesOf(r, dateOf(local))) {
    if ((r.until && date > r.until) || (r.count && found.length >= r.count) || full()) break;
    found.push(`${date}T${hourOf(local)}`);
  }
  return { moments: found.slice(0, most), more: found.length > most, endless };
}

/** The dates of a recurrence without its end. A month without the day takes its last one. */
function* datesOf(r: Recurrence, first: string): Generator<string> {
  const step = Math.max(1, r.interval ?? 1);
  if (r.every === 'weekly') {
    const wanted = r.days?.length ? weekCodes.map((code, i) => (r.days!.includes(code) ? i : -1)).filter((i) => i >= 0) : [weekday(first)];
    const monday = addDays(first, -weekday(first));
    for (let week = 0; week <= mostPosts; week++) {
      for (const day of wanted) {
        const date = addDays(monday, week * step * 7 + day);
        if (date >= first) yield date;
      }
    }
    return;
  }
  for (let i = 0; i <= mostPosts; i++) yield r.every === 'daily' ? addDays(first, i * step) : addMonths(first, i * step);
}
