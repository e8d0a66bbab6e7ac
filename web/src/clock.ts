/** The service's clock: what the browser's clock says, put right by what answers carry. */
import { signal } from '@preact/signals';

let offset = 0;
let ahead = 0;

/** Milliseconds since 1970 by the service's clock. */
export function now(): number {
  return Date.now() + Math.max(offset, ahead);
}

/** Learns from a Date header, which is exact to the second; small differences are the network's. */
export function heardDate(header: string | null): void {
  const told = header ? Date.parse(header) : NaN;
  if (Number.isNaN(told)) return;
  const difference = told + 500 - Date.now();
  offset = Math.abs(difference) > 2500 ? difference : 0;
}

/** Learns from an instant that has passed by the service's clock. A clock that jumped ahead shows itself this way. */
export function heardInstant(instant: string | undefined): void {
  const told = instant ? Date.parse(instant) - Date.now() : NaN;
  if (told > 2500 && told > ahead) ahead = told;
}

/** Moves each second, for countdowns. */
export const second = signal(now());
/** Moves each half minute, for ages. */
export const moment = signal(now());

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
