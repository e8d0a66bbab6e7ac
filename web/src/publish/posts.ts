/** The publications this tab knows, what is asked of them, and what went wrong. Answers may come out of order: the highest version wins. */
import { effect, signal } from '@preact/signals';
import { Failure, request, write } from '../api';
import { say } from '../focus';
import { postNews } from '../feed';
import type { Network, Page } from '../types';
import type { Applied, Checked, Day, Finding, Post, PostAct, Scope, Slot } from './types';
import { count } from '../dates';

const path = '/api/v1/posts';
const one = (id: string) => `${path}/${encodeURIComponent(id)}`;

export const known = signal<ReadonlyMap<string, Post>>(new Map());

export function takePosts(posts: readonly Post[]): void {
  const next = new Map(known.peek());
  for (const p of posts) {
    const held = next.get(p.id);
    // Only one read whole carries its bitácora.
    if (!held || p.version >= held.version) next.set(p.id, p.events || !held?.events || p.version > held.version ? p : { ...p, events: held.events });
  }
  known.value = next;
}

export function forget(id: string): void {
  const next = new Map(known.peek());
  next.delete(id);
  known.value = next;
}

/** A list of publications on screen. */
export interface Shown {
  key: string;
  ids: string[];
  state: 'cargando' | 'lista' | 'error';
  failure: Failure | undefined;
}

export const shown = signal<Shown>({ key: '', ids: [], state: 'cargando', failure: undefined });

/** The most pages read for one list. */
const mostPages = 10;

/** Reads a list whole; what is on screen of the same list stays until it is there. */
export async function readPosts(asked: Record<string, string>): Promise<void> {
  const query = new URLSearchParams({ ...asked, limit: '100' });
  const key = query.toString();
  if (shown.peek().key !== key) shown.value = { key, ids: [], state: 'cargando', failure: undefined };
  try {
    const ids: string[] = [];
    let cursor = '';
    for (let round = 0; round < mostPages; round++) {
      if (cursor) query.set('cursor', cursor);
      const page = await request<Page<Post>>(`${path}?${query}`);
      takePosts(page.items);
      ids.push(...page.items.map((p) => p.id));
      cursor = page.next ?? '';
      if (!cursor) break;
    }
    if (shown.peek().key === key) shown.value = { key, ids, state: 'lista', failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (shown.peek().key === key && shown.peek().state !== 'lista') shown.value = { key, ids: [], state: 'error', failure: error };
  }
}

export const postsShown = (): Post[] => shown.value.ids.flatMap((id) => known.value.get(id) ?? []);

export async function readPost(id: string): Promise<Post> {
  const p = await request<Post>(one(id));
  takePosts([p]);
  return p;
}

/** Version 0: only its way out to a network changed. Runs again when the service tells of publications that changed, and each minute; gives what stops it. */
export function onNews(run: (ids: string[]) => void): () => void {
  let first = true;
  const stop = effect(() => {
    const news = postNews.value;
    if (!first) run(news.filter((n) => n.version === 0 || (known.peek().get(n.post)?.version ?? 0) < n.version).map((n) => n.post));
    first = false;
  });
  const timer = setInterval(() => !document.hidden && run([]), 60_000);
  return () => {
    stop();
    clearInterval(timer);
  };
}

/** What is under way, as "id act" or "id act network". */
export const doing = signal('');

/** Why the last thing asked for came to nothing, until it is put away. */
export interface Wrong {
  id: string;
  words: string;
  field: string;
  /** It changed meanwhile: what is on screen is already the newest. */
  stale: boolean;
  /** All that is wrong with what it says, where that is why. */
  findings: Finding[] | undefined;
}

export const wrong = signal<Wrong | undefined>(undefined);

export function refused(id: string, error: unknown): Wrong {
  if (!(error instanceof Failure)) throw error;
  const fresh = error.problem.post as Post | undefined;
  if (fresh?.id) takePosts([fresh]);
  const w = { id, words: error.words, field: error.problem.campo ?? '', stale: error.status === 409 && Boolean(fresh?.id), findings: error.problem.findings as Finding[] | undefined };
  wrong.value = w;
  say(w.words);
  return w;
}

/** Does something with a publication as it is on screen; gives its new state, or nothing when it was refused. */
export async function act(p: Post, action: Exclude<PostAct, 'edit' | 'emergency' | 'delete'>, order: Record<string, unknown> = {}): Promise<Post | undefined> {
  if (doing.peek()) return undefined;
  doing.value = `${p.id} ${action}${order.network ? ` ${order.network as string}` : ''}`;
  wrong.value = undefined;
  try {
    const next = await write<Post>(`${one(p.id)}/${action}`, { version: p.version, ...order });
    takePosts([next]);
    return next;
  } catch (error) {
    refused(p.id, error);
    return undefined;
  } finally {
    doing.value = '';
  }
}

/** Changes what a publication says, or when. Errors are the caller's to show. */
export async function change(p: Post, fields: Record<string, unknown>, scope?: Scope): Promise<Post> {
  const next = await write<Post>(one(p.id), { ...fields, version: p.version, ...(scope ? { scope } : {}) }, undefined, 'PATCH');
  takePosts([next]);
  return next;
}

export async function create(fields: Record<string, unknown>): Promise<Post> {
  const made = await write<Post>(path, fields);
  takePosts([made]);
  return made;
}

export async function remove(p: Post, scope?: Scope): Promise<boolean> {
  wrong.value = undefined;
  try {
    await write<unknown>(one(p.id), { version: p.version, ...(scope ? { scope } : {}) }, undefined, 'DELETE');
    forget(p.id);
    return true;
  } catch (error) {
    refused(p.id, error);
    return false;
  }
}

/** Asks what there is to say of a text; nothing is kept. */
export const check = (fields: Record<string, unknown>) => write<Checked>(`${path}/check`, fields);

export const slots = (network: Network | undefined) =>
  request<{ items: Slot[] }>(`${path}/slots${network ? `?network=${network}` : ''}`).then((a) => a.items);

/** Holidays and vedas by their date. */
export const days = signal<ReadonlyMap<string, Day[]>>(new Map());

/** Each year by itself: the calendar of the next one may not be there yet, and that of this one is shown all the same. */
export async function readDays(from: string, to: string): Promise<void> {
  const years = from.slice(0, 4) === to.slice(0, 4) ? [[from, to]] : [[from, `${from.slice(0, 4)}-12-31`], [`${to.slice(0, 4)}-01-01`, to]];
  const told = await Promise.allSettled(years.map(([a, b]) => request<{ items: Day[] }>(`${path}/days?from=${a}&to=${b}`)));
  const next = new Map(days.peek());
  for (const answer of told) {
    if (answer.status === 'rejected') continue;
    for (const date of new Set(answer.value.items.map((d) => d.date))) next.set(date, answer.value.items.filter((d) => d.date === date));
  }
  days.value = next;
}

/** What became of the others of a series, in a sentence: those that were passed by say why. */
export function appliedWords(a: Applied | undefined): string {
  if (!a || a.changed + a.skipped.length === 0) return '';
  const passed = a.skipped.length > 0 ? ` ${count(a.skipped.length, 'no se pudo', 'no se pudieron')}: ${[...new Set(a.skipped.map((s) => s.why))].join(' ')}` : '';
  return `${a.changed > 0 ? `Y ${a.changed} más de la serie.` : ''}${passed}`.trim();
}
