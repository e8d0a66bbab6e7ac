/** The clock on the wall: dates and hours as people of one zone mean them, and the instants they stand for. */

/** The zone of the institution. */
export const home = 'America/Santiago';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    });
    formats.set(zone, found);
  }
  return found;
}

/** "2026-12-01T09:00": what the clock shows in zone at an instant. */
export function wallOf(instant: string | number, zone = home): string {
  const parts: Record<string, string> = {};
  for (const part of format(zone).formatToParts(new Date(instant))) parts[part.type] = part.value;
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

// Date.parse takes much that is no time.
const utc = (local: string) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? Date.parse(`${local}:00Z`) : NaN);
const text = (at: number) => new Date(at).toISOString().slice(0, 16);

/** The instants at which the clock shows local: none in the night it goes forward, two in the night it goes back. */
export function instantsOf(local: string, zone = home): number[] {
  const plain = utc(local);
  if (Number.isNaN(plain)) return [];
  const found = new Set<number>();
  for (const near of [plain - 86_400_000, plain + 86_400_000]) {
    const candidate = plain - (utc(wallOf(near, zone)) - near);
    if (wallOf(candidate, zone) === local) found.add(candidate);
  }
  return [...found].sort((a, b) => a - b);
}

export type Doubt = '' | 'missing' | 'twice';

/** Whether a time happens once; that it never does, or twice, is for a person to settle. */
export function doubtOf(local: string, zone = home): Doubt {
  if (Number.isNaN(utc(local))) return '';
  const { length } = instantsOf(local, zone);
  return length === 0 ? 'missing' : length > 1 ? 'twice' : '';
}

export const dateOf = (local: string) => local.slice(0, 10);
export const hourOf = (local: string) => local.slice(11, 16);

/** The date so many days on. */
export const addDays = (date: string, days: number) => text(utc(`${date}T00:00`) + days * 86_400_000).slice(0, 10);

/** The same day so many months on, or the last one of a month that is shorter. */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return text(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(day, last))).slice(0, 10);
}

/** The wall clock moved: whole days keep the hour, whatever the clocks do in between. */
export const shift = (local: string, days: number, minutes = 0) => text(utc(local) + days * 86_400_000 + minutes * 60_000);

export const daysBetween = (from: string, to: string) => Math.round((utc(`${to}T00:00`) - utc(`${from}T00:00`)) / 86_400_000);

/** 0 for Monday. */
export const weekday = (date: string) => (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;

export const dayNames = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];
export const monthNames = ['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre', 'octubre', 'noviembre', 'diciembre'];

const month = (date: string) => monthNames[Number(date.slice(5, 7)) - 1] ?? '';

/** "mar 1 dic", with the year when it is not that of today. */
export function shortDay(date: string, today = date): string {
  const words = `${dayNames[weekday(date)]?.slice(0, 3)} ${Number(date.slice(8))} ${month(date).slice(0, 3)}`;
  return date.slice(0, 4) === today.slice(0, 4) ? words : `${words} ${date.slice(0, 4)}`;
}

/** "martes 1 de diciembre de 2026". */
export const longDay = (date: string) => `${dayNames[weekday(date)]} ${Number(date.slice(8))} de ${month(date)} de ${date.slice(0, 4)}`;

/** "diciembre de 2026". */
export const monthWords = (date: string) => `${month(date)} de ${date.slice(0, 4)}`;

/** "mar 1 dic, 09:00". */
export const whenWords = (local: string, today?: string) => `${shortDay(dateOf(local), today)}, ${hourOf(local)}`;

/** "hora de Santiago". */
export const zoneWords = (zone: string) => `hora de ${(zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')}`;

/** "en 35 min", "en 5 h", "en 3 días"; "hace 2 h" for what has passed. */
export function untilWords(instant: string | number, at: number): string {
  const left = new Date(instant).getTime() - at;
  const minutes = Math.round(Math.abs(left) / 60_000);
  if (minutes === 0) return left >= 0 ? 'ahora' : 'recién';
  const span = minutes < 90 ? `${minutes} min` : minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} días`;
  return `${left > 0 ? 'en' : 'hace'} ${span}`;
}
