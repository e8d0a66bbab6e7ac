/** Hours at which an answer may be sent later, one press away. */
import { addDays, dateOf, shift, shortDay, wallOf, weekday } from './wall';

export interface Choice {
  label: string;
  local: string;
}

/** The next day on which people work: no weekend and no holiday. */
export function nextWorkday(date: string, holidays: ReadonlySet<string>): string {
  let next = addDays(date, 1);
  while (weekday(next) > 4 || holidays.has(next)) next = addDays(next, 1);
  return next;
}

/** The choices at an instant, the soonest first. */
export function choices(now: number, holidays: ReadonlySet<string>): Choice[] {
  const local = wallOf(now);
  const today = dateOf(local);
  const hour = wallOf(Math.ceil((now + 3_600_000) / 300_000) * 300_000);
  const next = nextWorkday(today, holidays);
  const found: Choice[] = [{ label: 'En 1 hora', local: hour }];
  const evening = `${today}T18:00`;
  if (shift(evening, 0, -90) > local && weekday(today) < 5 && !holidays.has(today)) found.push({ label: 'Hoy 18:00', local: evening });
  found.push({ label: `${next === addDays(today, 1) ? 'Mañana' : shortDay(next).replace(/^./, (c) => c.toUpperCase())} 09:00`, local: `${next}T09:00` });
  const after = nextWorkday(next, holidays);
  found.push({ label: `${shortDay(after).replace(/^./, (c) => c.toUpperCase())} 09:00`, local: `${after}T09:00` });
  return found;
}
