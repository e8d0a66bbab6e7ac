/** The texts that wait for a person's word on their class. */
import { signal } from '@preact/signals';
import { Failure, request, write } from '../api';
import { emptyPile, type Pile } from '../matters';
import type { Intent, Page, Urgency } from '../types';
import type { Labelled, Unlabelled } from './types';

export const tray = signal<Pile<Unlabelled>>(emptyPile);
/** What was said last and can be taken back. */
export const last = signal<Unlabelled | undefined>(undefined);
/** What was chosen for the first of them; read where it is needed, since keys come faster than the screen is drawn. */
export const chosen = signal<{ intent?: Intent; urgency?: Urgency }>({});
/** Why the last try came to nothing. */
export const refusal = signal('');
export const busy = signal(false);

export async function readTray(): Promise<void> {
  try {
    const page = await request<Page<Unlabelled>>('/api/v1/labelling');
    tray.value = { items: page.items, next: '', state: 'lista', failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tray.value = { ...tray.peek(), state: 'error', failure: error };
  }
}

const address = (one: Unlabelled) => `/api/v1/labelling/${encodeURIComponent(one.mention)}`;

const without = (one: Unlabelled) => ({ ...tray.peek(), items: tray.peek().items.filter((other) => other.mention !== one.mention) });

/** Says what a text asks for; whether it was taken, or waits no longer. */
export async function label(one: Unlabelled, intent: Intent, urgency: Urgency): Promise<boolean> {
  return attempt(async () => {
    await write<Labelled>(address(one), { intent, urgency });
    tray.value = without(one);
    last.value = one;
  }, one);
}

/** Takes back what was said last; the text waits again, before all others. */
export async function takeBack(): Promise<boolean> {
  const one = last.peek();
  if (!one) return false;
  return attempt(async () => {
    await write<Labelled>(`${address(one)}/undo`, {}, `${address(one)}/undo ${Date.now()}`);
    last.value = undefined;
    tray.value = { ...tray.peek(), items: [one, ...without(one).items] };
  });
}

/** Puts the first text behind all others. */
export function skip(): void {
  const [first, ...rest] = tray.peek().items;
  if (first) tray.value = { ...tray.peek(), items: [...rest, first] };
}

async function attempt(deed: () => Promise<void>, about?: Unlabelled): Promise<boolean> {
  if (busy.peek()) return false;
  busy.value = true;
  refusal.value = '';
  try {
    await deed();
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    refusal.value = error.words;
    // It waits for nobody, or not for this person: the next one does.
    if (about && [403, 404, 409].includes(error.status)) tray.value = without(about);
    return false;
  } finally {
    busy.value = false;
  }
}
