/** Dates, ages and terms in words, at the hour of continental Chile. */

const zone = 'America/Santiago';
const days = ['dom', 'lun', 'mar', 'mié', 'jue', 'vie', 'sáb'];
const months = ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'];

const format = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});

interface Civil {
  date: string;
  time: string;
}

function civil(instant: string | number): Civil {
  const parts: Record<string, string> = {};
  for (const part of format.formatToParts(new Date(instant))) parts[part.type] = part.value;
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

/** "mar 22-dic" of a civil date 2026-12-22; with the year when it is another one than that of at. */
export function dayWords(date: string, at?: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const name = days[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const text = `${name} ${day}-${months[month - 1]}`;
  return at !== undefined && !civil(at).date.startsWith(`${year}-`) ? `${text}-${year}` : text;
}

/** The civil date in Chile of an instant. */
export const dateOf = (instant: string | number) => civil(instant).date;

/** "14:03", or "lun 23-nov 14:03" when it is another day than that of at. */
export function timeWords(instant: string, at: number): string {
  const when = civil(instant);
  return when.date === civil(at).date ? when.time : `${dayWords(when.date, at)} ${when.time}`;
}

/** "hoy, 09:00", "el mar 1 dic, 09:00": when something leaves. */
export function leaveWords(instant: string, at: number): string {
  const when = civil(instant);
  return `${when.date === civil(at).date ? 'hoy' : `el ${dayWords(when.date, at).replaceAll('-', ' ')}`}, ${when.time}`;
}

/** "lunes"-free full form for titles: "lun 23-nov-2026, 14:03". */
export function fullWords(instant: string): string {
  const when = civil(instant);
  return `${dayWords(when.date)}-${when.date.slice(0, 4)}, ${when.time}`;
}

/** "hace 5 min". */
export function ageWords(instant: string, at: number): string {
  const minutes = Math.floor((at - Date.parse(instant)) / 60_000);
  if (minutes < 1) return 'recién';
  if (minutes < 60) return `hace ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `hace ${hours} h`;
  const passed = Math.round((Date.parse(civil(at).date) - Date.parse(civil(instant).date)) / 86_400_000);
  if (passed <= 1) return 'ayer';
  if (passed < 60) return `hace ${passed} días`;
  return dayWords(civil(instant).date, at);
}

export interface DueWords {
  /** As shown, with "d. h." for días hábiles. */
  short: string;
  /** As read aloud. */
  long: string;
  tone: 'bad' | 'warn' | 'calm';
}

/** How much is left of a term, from the días hábiles the service counted. */
export function dueWords(left: number, dueDate: string, at: number): DueWords {
  if (left > 0) {
    const word = left === 1 ? 'queda' : 'quedan';
    return { short: `${word} ${left} d. h.`, long: `${word} ${habiles(left)}`, tone: left <= 2 ? 'warn' : 'calm' };
  }
  if (left === 0 && dueDate >= civil(at).date) return { short: 'vence hoy', long: 'vence hoy', tone: 'bad' };
  // The days after the due day that are not hábiles: an answer still counts as given in time.
  if (left === 0) return { short: `venció ${dayWords(dueDate, at)}`, long: `venció el ${dayWords(dueDate, at)}`, tone: 'bad' };
  return { short: `vencido hace ${-left} d. h.`, long: `vencido hace ${habiles(-left)}`, tone: 'bad' };
}

export const habiles = (n: number) => (n === 1 ? '1 día hábil' : `${n} días hábiles`);

/** "9 s", "4 min 05 s", "2 h 10 min". */
export function spanWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** "8.000", the Chilean way. */
export const number = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, '.');

/** "1 nuevo", "3 nuevos". */
export const count = (n: number, one: string, many: string) => `${number(n)} ${n === 1 ? one : many}`;
