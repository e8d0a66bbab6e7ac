/** What changed, asked of the service again and again: often while something happens, seldom while nothing does. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import { known, lost, readStory, story } from './cases';
import { paused, readChannels } from './channels';
import { now } from './clock';
import { refresh } from './list';
import { readMatters } from './matters';
import type { Act, Change, PostChange } from './types';
import { place } from './url';

const soonest = 3000;
const latest = 15_000;
/** How often what is on screen is read anyway, whatever the feed says. */
const sweepEvery = 60_000;

/** When the service last said what changed, by its clock; 0 before it did. */
export const heardAt = signal(0);
let heard = 0;
/** Whether it is so long ago that what is on screen may be old. */
export const stale = signal(false);

/** The publications that changed last; the screens of publishing look. */
export const postNews = signal<PostChange[]>([]);

let cursor = '';
let wait = soonest;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let again = false;
let swept = performance.now();
let running = false;
/** Versions the feed told of, so that what it repeats is not read twice. */
const told = new Map<string, number>();

export function startFeed(): void {
  running = true;
  addEventListener('focus', ask);
  addEventListener('online', ask);
  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : ask()));
  setInterval(() => (stale.value = heardAt.value > 0 && performance.now() - heard > 60_000), 5000);
  ask();
}

export function stopFeed(): void {
  running = false;
  clearTimeout(timer);
}

/** Asks at once: after coming back to the tab, or after an action of one's own. */
export function ask(): void {
  if (!running) return;
  wait = soonest;
  if (asking) {
    again = true;
    return;
  }
  void round();
}

async function round(): Promise<void> {
  clearTimeout(timer);
  asking = true;
  again = false;
  try {
    const answer = await request<{ items: Change[]; posts?: PostChange[]; cursor: string }>(`/api/v1/changes?since=${encodeURIComponent(cursor)}`);
    cursor = answer.cursor;
    heardAt.value = now();
    heard = performance.now();
    stale.value = false;
    const news = answer.items.filter((c) => c.version > Math.max(known(c.ticket), told.get(c.ticket) ?? 0));
    for (const c of news) told.set(c.ticket, c.version);
    if (answer.posts?.length) postNews.value = answer.posts;
    wait = news.length + (answer.posts?.length ?? 0) > 0 ? soonest : Math.min(latest, wait * 1.4);
    const sweep = performance.now() - swept > sweepEvery;
    if (sweep) swept = performance.now();
    if (news.length > 0 || sweep) await follow(news.map((c) => c.ticket), sweep);
    if (waiting()) wait = soonest;
  } catch (error) {
    wait = latest;
    // A cursor the service does not know: begin anew, and read again what is on screen.
    if (error instanceof Failure && error.status === 422) {
      cursor = '';
      wait = soonest;
    }
  }
  asking = false;
  if (!running || document.hidden) return;
  if (again) void round();
  else timer = setTimeout(() => void round(), wait);
}

async function follow(ids: string[], sweep: boolean): Promise<void> {
  const open = place.peek().id;
  const tasks: Promise<unknown>[] = [refresh(place.peek().filters, ids), readMatters()];
  if (paused().length > 0) tasks.push(readChannels()); // what waits for them changes with the cases
  if (open && (sweep || ids.includes(open))) tasks.push(readStory(open));
  await Promise.allSettled(tasks);
}

/** Whether the open case has something on its way out. */
function waiting(): boolean {
  const open = story(place.peek().id);
  if (!open) return false;
  const planned = (acts: Act[]) => acts.some((a) => a.state === 'planned');
  if (open.mentions.some((m) => planned(m.acts ?? []))) return true;
  return open.replies.some((r) => (r.removed && planned([r.removed])) || (r.state === 'planned' && Date.parse(r.dueAt) - now() < sweepEvery) || r.state === 'claimed' || r.state === 'unknown') || open.siac.state === 'pending' || (open.siac.state === 'unknown' && !lost(open));
}
