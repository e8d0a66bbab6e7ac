/** A text as a network shows it. */
import type { PostRules } from '../types';
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

/** Whether a network carries the link in a field of its own. */
export const linkBeside = (rule: Pick<PostRules, 'linkApart'> | undefined, link: string, files: number) => Boolean(rule?.linkApart && link && files === 0);

/** The text as a network shows and counts it (Compose of shared/post): the link on a line of its own, unless it goes beside it. */
export function compose(rule: Pick<PostRules, 'linkApart' | 'byTemplate'> | undefined, text: string, link: string, files: number): string {
  if (!link || text.includes(link) || linkBeside(rule, link, files)) return text;
  if (!text) return link;
  return rule?.byTemplate ? text : `${text}\n${link}`;
}

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
