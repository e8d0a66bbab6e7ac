/** The cases this tab knows. Answers may come late and out of order: the highest version wins. */
import { signal, type Signal } from '@preact/signals';
import { Failure, request } from './api';
import type { Ticket } from './types';

/** A case as lists show it: its text is the masked excerpt. */
const rows = new Map<string, Signal<Ticket>>();
/** Cases read whole, the latest last. */
const stories = new Map<string, Signal<Ticket>>();
/** Cases that the service no longer shows to this person. */
export const gone = signal<ReadonlySet<string>>(new Set());

const storiesKept = 50;

export const row = (id: string) => rows.get(id);
export const story = (id: string) => stories.get(id)?.value;

/** The version known of a case, 0 for one never seen. */
export const known = (id: string) => Math.max(rows.get(id)?.peek().version ?? 0, stories.get(id)?.peek().version ?? 0);

/** Whether nobody knows if SIAC has the case, and nobody looks for it any more: to send it is to look first. */
export const lost = (t: Ticket) => t.siac.state === 'unknown' && !t.siac.dueAt;

/** Takes in a case as a list gave it. */
export function takeRow(t: Ticket): void {
  const held = rows.get(t.id);
  if (!held) rows.set(t.id, signal(t));
  else if (t.version >= held.peek().version) held.value = t;
}

/** Takes in a case as read whole or as an action left it. */
export function takeStory(t: Ticket): void {
  const held = stories.get(t.id);
  if (!held) {
    stories.set(t.id, signal(t));
    trim();
  } else if (t.version >= held.peek().version) {
    const events = t.events ?? held.peek().events;
    held.value = events ? { ...t, events } : t;
    stories.delete(t.id);
    stories.set(t.id, held);
  }
  changed.value++;
  const shown = rows.get(t.id);
  // A list keeps its masked excerpt: what a story holds may be the citizen's words as written.
  if (shown && t.version > shown.peek().version) shown.value = { ...t, mentions: shown.peek().mentions };
  if (gone.peek().has(t.id)) gone.value = new Set([...gone.peek()].filter((id) => id !== t.id));
}

/** Moves when a story is first read, so that who waits for it looks again. */
export const changed = signal(0);

function trim(): void {
  for (const id of stories.keys()) {
    if (stories.size <= storiesKept) return;
    stories.delete(id);
  }
}

/** Reads a case whole. One that may not be seen is forgotten. */
export async function readStory(id: string): Promise<void> {
  try {
    takeStory(await request<Ticket>(`/api/v1/tickets/${encodeURIComponent(id)}`));
  } catch (error) {
    if (error instanceof Failure && error.status === 404) forget(id);
    throw error;
  }
}

function forget(id: string): void {
  stories.delete(id);
  changed.value++;
  if (!gone.peek().has(id)) gone.value = new Set([...gone.peek(), id]);
}
