/** The texts that WhatsApp has approved, and the cases of the people they go to, as the service has them. */
import { signal } from '@preact/signals';
import { Failure, request } from '../api';
import type { Ticket } from '../types';
import type { Approved } from './approved';

export const approved = signal<Approved[] | undefined>(undefined);
export const unread = signal<Failure | undefined>(undefined);

export async function readApproved(): Promise<void> {
  unread.value = undefined;
  try {
    approved.value = (await request<{ items: Approved[] }>('/api/v1/templates')).items;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    unread.value = error;
  }
}

/** Cases as the picker knows them, by id. */
export const picked = signal<ReadonlyMap<string, { number: string; name: string }>>(new Map());

function take(found: readonly Ticket[]): void {
  picked.value = new Map([...picked.peek(), ...found.map((t) => [t.id, { number: t.number, name: t.citizen.name || t.citizen.handle }] as const)]);
}

/** The cases of WhatsApp that a number or a name finds. */
export async function findCases(words: string): Promise<Ticket[]> {
  const query = new URLSearchParams({ view: 'all', network: 'whatsapp', limit: '10', q: words });
  const { items } = await request<{ items: Ticket[] }>(`/api/v1/tickets?${query}`);
  const found = items.filter((t) => t.network === 'whatsapp');
  take(found);
  return found;
}

/** Reads the names of cases that were chosen before; who may not see them gets none. */
export async function nameCases(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (picked.peek().has(id)) continue;
    try {
      take([await request<Ticket>(`/api/v1/tickets/${encodeURIComponent(id)}`)]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
}
