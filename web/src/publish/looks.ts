/** A text as a network shows it. */
import type { Network } from '../types';
import { links } from '../weight';

export interface Segment {
  kind: 'text' | 'link' | 'tag' | 'mention';
  text: string;
}

const marks = /(?<![\p{L}\p{N}_&])(#[\p{L}\p{N}_]+|@[A-Za-z0-9_.]*[A-Za-z0-9_])/gu;

/** The links, the hashtags and the names of a text, and what is between them. */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  for (const [start, end] of links(text)) {
    plain(text.slice(from, start), found);
    found.push({ kind: 'link', text: text.slice(start, end) });
    from = end;
  }
  plain(text.slice(from), found);
  return found;
}

function plain(text: string, found: Segment[]): void {
  let from = 0;
  for (const m of text.matchAll(marks)) {
    if (m.index > from) found.push({ kind: 'text', text: text.slice(from, m.index) });
    found.push({ kind: m[0].startsWith('#') ? 'tag' : 'mention', text: m[0] });
    from = m.index + m[0].length;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
}

/** What X shows of an address: without its protocol, cut. */
export function shortLink(link: string): string {
  const bare = link.replace(/^https?:\/\/(www\.)?/i, '');
  return bare.length > 26 ? `${bare.slice(0, 25)}…` : bare;
}

/** The text that counts on a network: where the link is no card of its own, it stands in the text. */
export const whole = (network: Network, text: string, link: string) =>
  link && !text.includes(link) && (network === 'x' || network === 'instagram' || network === 'whatsapp') ? `${text}${text ? '\n' : ''}${link}` : text;

/** The place in a JavaScript string of the n-th character of a text. */
export function place(text: string, n: number): number {
  let at = 0;
  let seen = 0;
  for (const letter of text) {
    if (seen++ >= n) break;
    at += letter.length;
  }
  return at;
}
