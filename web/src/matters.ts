/** What waits for a person, and how much of it there is. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import type { Matter, Page } from './types';

export interface Pile<T> {
  items: T[];
  next: string;
  state: 'cargando' | 'lista' | 'error';
  failure: Failure | undefined;
}

export const emptyPile: Pile<never> = { items: [], next: '', state: 'cargando', failure: undefined };

/** undefined for who may not see it. */
export const pile = signal<Pile<Matter> | undefined>(undefined);

export function watchMatters(): void {
  pile.value = emptyPile;
  void readMatters();
  setInterval(() => !document.hidden && void readMatters(), 60_000);
}

export async function readMatters(): Promise<void> {
  if (!pile.peek()) return;
  pile.value = await readPile<Matter>('/api/v1/attention', pile.peek()!);
}

/** Reads a pile from its beginning; on failure what was read before stays. */
export async function readPile<T>(path: string, before: Pile<T>): Promise<Pile<T>> {
  try {
    const page = await request<Page<T>>(`${path}?limit=50`);
    return { items: page.items, next: page.next ?? '', state: 'lista', failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return before.state === 'lista' ? before : { ...before, state: 'error', failure: error };
  }
}

/** Reads the next page behind what is there. */
export async function readNext<T>(path: string, before: Pile<T>): Promise<Pile<T>> {
  const page = await request<Page<T>>(`${path}?limit=50&cursor=${encodeURIComponent(before.next)}`);
  return { ...before, items: [...before.items, ...page.items], next: page.next ?? '' };
}
