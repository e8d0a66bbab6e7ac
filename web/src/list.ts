/** The list on screen. It never moves by itself: new cases gather until they are asked for, and those that leave stay
 * where they are, marked, until the list is read again. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import { gone, readStory, takeRow } from './cases';
import { now } from './clock';
import type { Me, Page, Ticket } from './types';
import type { Filters, View } from './url';

export interface List {
  /** What was asked: the view and the filters. */
  key: string;
  view: View;
  ids: string[];
  next: string;
  /** New cases that wait to be shown. */
  fresh: string[];
  state: 'cargando' | 'lista' | 'error';
  more: boolean;
  failure: Failure | undefined;
  /** When it was read, by the service's clock. */
  at: number;
}

const pageSize = 50;
const mostAtOnce = 200;

export const list = signal<List | undefined>(undefined);

const apiViews: Record<View, string> = { cola: 'waiting', mios: 'mine', denuncias: 'restricted', estado: 'state', todos: 'all' };

export function viewOf(filters: Filters, me: Me): View {
  if (filters.vista === 'estado' && !filters.estado) return 'todos';
  return filters.vista || (me.may.restricted ? 'denuncias' : 'cola');
}

function ask(filters: Filters, view: View, limit: number, cursor = ''): Promise<Page<Ticket>> {
  const query = new URLSearchParams({ view: apiViews[view], limit: String(limit) });
  if (view === 'estado') query.set('state', filters.estado);
  if (filters.clase) query.set('intent', filters.clase);
  if (filters.red) query.set('network', filters.red);
  if (filters.q) query.set('q', filters.q);
  if (cursor) query.set('cursor', cursor);
  return request<Page<Ticket>>(`/api/v1/tickets?${query}`);
}

const keyOf = (filters: Filters, view: View) => JSON.stringify({ ...filters, vista: view });

/** Reads the list from its beginning, unless this very list is on screen already. */
export async function open(filters: Filters, me: Me, again = false): Promise<void> {
  const view = viewOf(filters, me);
  const key = keyOf(filters, view);
  const held = list.peek();
  if (held?.key === key && held.state !== 'error' && !again) return;
  const wanted = again && held?.key === key ? Math.min(mostAtOnce, Math.max(pageSize, held.ids.length + held.fresh.length)) : pageSize;
  if (held?.key !== key || held.state === 'error') {
    list.value = { key, view, ids: [], next: '', fresh: [], state: 'cargando', more: false, failure: undefined, at: 0 };
  }
  try {
    const page = await whole(filters, view, wanted);
    if (list.peek()?.key !== key) return;
    for (const t of page.items) takeRow(t);
    list.value = {
      key, view, ids: inOrder(view, page.items), next: page.next ?? '', fresh: [], state: 'lista', more: false, failure: undefined, at: now(),
    };
  } catch (error) {
    if (!(error instanceof Failure) || list.peek()?.key !== key) return;
    if (list.peek()?.state !== 'lista') list.value = { ...list.peek()!, state: 'error', failure: error };
  }
}

/** The cases of a page as they are shown: in the queue, what lies folded comes behind all that does not. */
function inOrder(view: View, items: Ticket[]): string[] {
  const folded = (t: Ticket) => view === 'cola' && t.intent.folded;
  return [...items.filter((t) => !folded(t)), ...items.filter(folded)].map((t) => t.id);
}

/** One page; with a filter pages can come empty with more behind them, so some more are asked for. */
async function whole(filters: Filters, view: View, limit: number, cursor = ''): Promise<Page<Ticket>> {
  let page = await ask(filters, view, limit, cursor);
  const items = [...page.items];
  for (let round = 0; round < 4 && page.next && items.length < limit; round++) {
    page = await ask(filters, view, limit - items.length, page.next);
    items.push(...page.items);
  }
  return page.next ? { items, next: page.next } : { items };
}

/** Reads the next page; gives the first case it brought. */
export async function more(filters: Filters): Promise<string> {
  const held = list.peek();
  if (!held?.next || held.more) return '';
  list.value = { ...held, more: true };
  try {
    const page = await whole(filters, held.view, pageSize, held.next);
    const now = list.peek();
    if (now?.key !== held.key) return '';
    for (const t of page.items) takeRow(t);
    const added = inOrder(now.view, page.items).filter((id) => !now.ids.includes(id));
    list.value = { ...now, ids: [...now.ids, ...added], fresh: now.fresh.filter((id) => !added.includes(id)), next: page.next ?? '', more: false };
    return added[0] ?? '';
  } catch (error) {
    const now = list.peek();
    if (now?.key === held.key) list.value = { ...now, more: false };
    throw error;
  }
}

/** Looks what became of the list, without moving it. changedIds are the cases that the feed named. */
export async function refresh(filters: Filters, changedIds: string[]): Promise<void> {
  const held = list.peek();
  if (!held || held.state !== 'lista') return;
  const limit = Math.min(mostAtOnce, Math.max(pageSize, held.ids.length + held.fresh.length + changedIds.length));
  const page = await ask(filters, held.view, limit);
  const now = list.peek();
  if (!now || now.key !== held.key) return;
  for (const t of page.items) takeRow(t);
  const found = new Set(page.items.map((t) => t.id));
  const isNew = (t: Ticket) => now.fresh.includes(t.id) || changedIds.includes(t.id) || Date.parse(t.updatedAt) > now.at;
  const fresh = page.items.filter((t) => !now.ids.includes(t.id) && isNew(t)).map((t) => t.id);
  if (fresh.join() !== now.fresh.join()) list.value = { ...now, fresh };
  // What left the list or lies behind its window is read by itself, so that its row tells what happened.
  const lost = now.ids.filter((id) => changedIds.includes(id) && !found.has(id)).slice(0, 8);
  await Promise.all(lost.map((id) => readStory(id).catch(() => undefined)));
}

/** Whether a case still belongs to the view it is shown in. */
export function belongs(t: Ticket, view: View, filters: Filters, me: Me): boolean {
  switch (view) {
    case 'cola':
    case 'denuncias':
      return (t.state === 'ingresado' || t.state === 'reabierto') && (view === 'denuncias') === (t.intent.final === 'denuncia');
    case 'mios':
      return t.assignee === me.id;
    case 'estado':
      return t.state === filters.estado;
    case 'todos':
      return true;
  }
}

/** The case after, or before, a given one on screen; the first one when it is not there. */
export function beside(id: string, step: 1 | -1): string {
  const ids = list.peek()?.ids.filter((one) => !gone.peek().has(one)) ?? [];
  const at = ids.indexOf(id);
  if (at < 0) return ids[0] ?? '';
  return ids[at + step] ?? '';
}
