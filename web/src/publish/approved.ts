/** Texts that WhatsApp has approved: which of them are an account's, and how they read once they are filled in. */
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
