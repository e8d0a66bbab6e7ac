/** The service's clock. The browser's own counts nothing but the time that passes. */
import { signal } from '@preact/signals';

let offset = 0;

/** Milliseconds since 1970 by the service's clock. */
export function now(): number {
  return Date.now() + offset;
}

/** Moves each second, for countdowns. */
export const second = signal(now());
/** Moves each half minute, for ages. */
export const moment = signal(now());

/** Learns the instant that an answer carries: the service told it between the asking (sent) and now. What is held stays
 * while it can be true; each answer makes it more exact. */
export function heardNow(told: string | null, sent: number): void {
  const at = told ? Date.parse(told) : NaN;
  if (Number.isNaN(at)) return;
  const most = at - sent;
  if (offset <= most && offset >= at - Date.now()) return;
  const jump = Math.abs(most - offset) > 1000;
  offset = most;
  if (jump) second.value = moment.value = now();
}

export function startClock(): void {
  setInterval(() => {
    second.value = now();
    if (second.value - moment.value >= 30_000) moment.value = second.value;
  }, 1000);
}

/** Whole seconds until an instant, 0 when it has passed. */
export function secondsTo(instant: string | undefined, at: number): number {
  return instant ? Math.max(0, Math.ceil((Date.parse(instant) - at) / 1000)) : 0;
}
