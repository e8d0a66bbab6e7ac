/** Texts that WhatsApp has approved: which there are, and how they read once they are filled in. */
import { signal } from '@preact/signals';
import { Failure, request } from '../api';
import type { Ticket } from '../types';
import type { Template } from './types';

export interface Approved {
  name: string;
  language: string;
  body: string;
  /** How many things are filled in. */
  params: number;
  category: string;
  account: string;
}

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

/** Those of an account, or of any, each once. */
export function approvedFor(all: readonly Approved[], account?: string): Approved[] {
  const found = new Map<string, Approved>();
  for (const a of all) if (!account || a.account === account) found.set(keyOf(a), a);
  return [...found.values()];
}

export const keyOf = (t: { name: string; language: string }) => `${t.name} ${t.language}`;

const place = /\{\{\s*(\d+)\s*\}\}/g;
const tidy = (text: string) => text.trim().replace(/\s+/g, ' ');

/** What the person gets to read; what is not filled in yet stays a place. */
export const reads = (body: string, params: readonly string[] = []) => body.replace(place, (whole, n: string) => tidy(params[Number(n) - 1] ?? '') || whole);

/** Where in the text something is filled in: the words before it. */
export function beforeWords(body: string, n: number): string {
  const at = [...body.matchAll(place)].find((m) => Number(m[1]) === n);
  const words = body.slice(0, at?.index ?? 0).replace(place, '…').trim().split(/\s+/).filter(Boolean).slice(-3).join(' ');
  return words ? `después de «${words}»` : 'al comienzo';
}

/** Which of the things to fill in is missing, counted from 0; -1 when none is. */
export const gapOf = (a: Approved, t: Template) => Array.from({ length: a.params }, (_, i) => tidy(t.params?.[i] ?? '')).indexOf('');

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
