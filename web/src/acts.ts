/** What a person does with a case: asked of the service, shown as under way, and told when it is done or refused. */
import { signal } from '@preact/signals';
import { act, Failure } from './api';
import { lost, readStory, takeStory } from './cases';
import { count } from './dates';
import { choose, draft, setDraft } from './drafts';
import { ask } from './feed';
import { caseTitleId, composerId, focusSoon, rowId, say, titleId } from './focus';
import { differences, looksTheSame } from './history';
import { beside } from './list';
import type { Action, Deed, Me, Reply, Ticket, Visibility } from './types';
import { address, go, place } from './url';

/** What went wrong with a case, until the person puts it away. */
export interface Notice {
  kind: 'error' | 'cambio';
  title: string;
  lines: string[];
  action: Action;
  /** The field that is wrong. */
  field?: string;
}

export const notices = signal<Record<string, Notice>>({});
/** The action that is under way in each case. */
export const busy = signal<Record<string, Action>>({});

export function dismiss(id: string): void {
  const { [id]: _, ...rest } = notices.peek();
  notices.value = rest;
}

function notice(id: string, n: Notice): void {
  notices.value = { ...notices.peek(), [id]: n };
  say(`${n.title}. ${n.lines.join(' ')}`);
}

/** The status of what was done; of what was not, the refusal's, 0 when no answer came. */
const done = 200;
/** Another action is under way: nothing was asked. */
const notNow = -1;

/** Does something with the case as it is on screen and gives the status. One thing at a time in each case. */
async function perform(t: Ticket, action: Action, order: Record<string, unknown> = {}): Promise<number> {
  if (busy.peek()[t.id]) return notNow;
  busy.value = { ...busy.peek(), [t.id]: action };
  dismiss(t.id);
  try {
    takeStory(await actOnce(t, action, order));
    void readStory(t.id).catch(() => undefined);
    return done;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    refused(t, action, error);
    return error.status;
  } finally {
    const { [t.id]: _, ...rest } = busy.peek();
    busy.value = rest;
    ask();
  }
}

/**
 * Asks for it, once more where the case moved meanwhile in nothing that a person looks at: the network told that an answer arrived, or
 * was read.
 */
async function actOnce(t: Ticket, action: Action, order: Record<string, unknown>): Promise<Ticket> {
  try {
    return await act(t.id, action, { version: t.version, ...order });
  } catch (error) {
    const now = error instanceof Failure && error.status === 409 ? error.problem.ticket : undefined;
    if (!now || !looksTheSame(t, now)) throw error;
    return act(t.id, action, { version: now.version, ...order });
  }
}

function refused(before: Ticket, action: Action, error: Failure): void {
  const after = error.problem.ticket;
  if (after) takeStory(after);
  else if (error.status >= 400 && error.status < 500 && error.status !== 401) void readStory(before.id).catch(() => undefined);
  const lines = error.status === 409 && after ? differences(before, after, '') : [];
  if (error.status === 0) lines.push('No sabemos si alcanzó a llegar. Al reintentar no se hace dos veces.');
  notice(before.id, { kind: error.status === 409 ? 'cambio' : 'error', title: error.words, lines, action, ...(error.problem.campo ? { field: error.problem.campo } : {}) });
}

/** Tells what somebody else changed in the open case; who is writing must know it before sending. */
export function moved(before: Ticket, after: Ticket, me: Me): void {
  if (busy.peek()[after.id] || after.version <= before.version) return;
  // Only what a reply depends on: who holds the case, what the person wrote, what others answered.
  const others = after.replies.filter((r) => r.author !== me.id);
  const { intent, siac, state } = before;
  const lines = differences(before, { ...after, replies: others, intent, siac, state }, me.id);
  if (lines.length === 0) return;
  if (draft(after.id).peek()) notice(after.id, { kind: 'cambio', title: changedMeanwhile, lines, action: 'reply' });
  else say(lines.join(' '));
}

const changedMeanwhile = 'El caso cambió mientras escribías';

/** Leaves the case for the list, at the case that follows. */
function onward(id: string): void {
  const next = beside(id, 1) || beside(id, -1);
  go(address('', place.peek().filters));
  focusSoon(rowId(next), titleId);
}

/** The text that a dialog is about: the id of a mention or of a reply. */
export const target = signal('');

export const textId = (id: string) => `texto-${id}`;

/** Does something with one text of the case, and says what became of it. */
export async function deed(t: Ticket, action: Deed, id: string, order: Record<string, unknown>, said: string): Promise<boolean> {
  const ok = (await perform(t, action, order)) === done;
  if (ok) say(said);
  focusSoon(`deshacer-${id}`, textId(id), caseTitleId);
  return ok;
}

/** Writes down what was answered outside. */
export async function record(t: Ticket, order: Record<string, unknown>): Promise<boolean> {
  const ok = (await perform(t, 'recorded', order)) === done;
  if (ok) say('Registraste la respuesta.');
  if (ok) focusSoon(caseTitleId);
  return ok;
}

export async function claim(t: Ticket): Promise<void> {
  if ((await perform(t, 'claim')) !== done) return focusSoon(caseTitleId);
  say('Tomaste el caso.');
  focusSoon(composerId, caseTitleId);
}

export async function release(t: Ticket): Promise<void> {
  if ((await perform(t, 'release')) !== done) return focusSoon(caseTitleId);
  say('Devolviste el caso a la cola.');
  onward(t.id);
}

export async function close(t: Ticket, reason: string): Promise<boolean> {
  const ok = (await perform(t, 'close', reason ? { reason } : {})) === done;
  if (ok) {
    say('Caso cerrado.');
    onward(t.id);
  }
  return ok;
}

/** How long a sending to SIAC can be taken back. */
export function takeBackWords(t: Ticket): string {
  const seconds = Math.round(t.may?.escalate?.undoSeconds ?? 0);
  return seconds > 0 ? `Podrás deshacerlo durante ${count(seconds, 'segundo', 'segundos')}.` : 'No se puede deshacer.';
}

export async function escalate(t: Ticket): Promise<boolean> {
  const ok = (await perform(t, 'escalate')) === done;
  if (ok && lost(t)) say('Buscaremos el caso de nuevo en SIAC.');
  else if (ok) say(`Planificaste el envío a SIAC. ${takeBackWords(t)}`);
  focusSoon('deshacer-siac', 'siac');
  return ok;
}

export async function classify(t: Ticket, intent: string, reason: string): Promise<boolean> {
  const ok = (await perform(t, 'classify', reason ? { intent, reason } : { intent })) === done;
  if (ok) say(intent === t.intent.final ? 'Confirmaste la clase.' : 'Corregiste la clase.');
  focusSoon('corregir', caseTitleId);
  return ok;
}

/** The last reply that has not left. */
export const plannedReply = (t: Ticket): Reply | undefined => t.replies.findLast((r) => r.state === 'planned');

/** What undo would take back, '' when it may not be done. */
export const undoes = (t: Ticket) => (t.may?.undo?.allowed && t.may.undo.what) || '';

export async function undo(t: Ticket): Promise<void> {
  const reply = undoes(t) === 'reply' ? plannedReply(t) : undefined;
  if ((await perform(t, 'undo')) !== done) return focusSoon(caseTitleId);
  if (!reply) {
    say('Deshiciste el envío a SIAC.');
    return focusSoon('enviar-siac', 'siac');
  }
  giveBack(t.id, reply);
  say(`Deshiciste la respuesta.${backWords(reply)}`);
}

const backWords = (r: Reply) => (r.template ? '' : ' El texto volvió al redactor.');

/** Puts the text of a reply back where it can be written on; text that is there already stays first. That of a template is not ours to change. */
export function giveBack(id: string, reply: Reply, focus = true): void {
  if (reply.template) return focus ? focusSoon(textId(reply.id), caseTitleId) : undefined;
  const held = draft(id).peek();
  if (!held.includes(reply.text)) setDraft(id, held ? `${held}\n\n${reply.text}` : reply.text);
  if (!held || reply.visibility === 'private') choose(id, reply.visibility);
  if (focus) focusSoon(composerId);
}

/** Takes back a reply that waits for its hour; its text goes back to be written on, where that is wanted. */
export async function cancelReply(t: Ticket, r: Reply, edit: boolean): Promise<void> {
  if ((await perform(t, 'cancel', { reply: r.id })) !== done) return focusSoon(caseTitleId);
  if (edit) giveBack(t.id, r);
  else focusSoon(textId(r.id), caseTitleId);
  say(`Cancelaste la respuesta: no saldrá.${edit ? backWords(r) : ''}`);
}

export type Outcome = 'published' | 'retry' | 'discard';

export const outcomes: Record<Outcome, [button: string, said: string]> = {
  published: ['Sí se publicó', 'La respuesta quedó como publicada.'], retry: ['Reintentar', 'La respuesta se intentará de nuevo.'], discard: ['Descartar', 'Descartaste la respuesta.'],
};

/** Ends the doubt about a reply: the person has looked at its network. */
export async function settle(t: Ticket, r: Reply, outcome: Outcome): Promise<void> {
  if ((await perform(t, 'settle', { reply: r.id, outcome })) === done) say(outcomes[outcome][1]);
  focusSoon(textId(r.id), caseTitleId);
}

/** Whether a reply waits for an hour that a person chose, and not for its undoing. */
export const waitsFor = (r: Reply) => r.state === 'planned' && !r.reason && (r.sendAt !== undefined || Date.parse(r.dueAt) - Date.parse(r.plannedAt) > 120_000);

/** How long the console asks that a reply be held back. */
const undoSeconds = 10;

/** Sends of which no answer came: the same text is asked for again with the same order, so that it goes out once. */
const unsure = new Map<string, { text: string; order: Record<string, unknown>; ticket: Ticket }>();

/** A moment to send at, by the clock of its zone, and in words. */
export interface SendAt {
  local: string;
  zone: string;
  words: string;
}

/** Sends an answer; text is what it reads as, where it is a template. */
export async function reply(t: Ticket, text: string, visibility: Visibility, at?: SendAt, template?: object): Promise<boolean> {
  const before = unsure.get(t.id);
  const sendAt = at && { local: at.local, zone: at.zone };
  const again = before?.text === text && before.order.visibility === visibility && JSON.stringify([before.order.sendAt, before.order.template]) === JSON.stringify([sendAt, template]);
  const order = again ? before.order : { visibility, ...(template ? { template } : { text }), ...(sendAt ? { sendAt } : { undoSeconds }) };
  const seen = again ? before.ticket : t;
  const status = await perform(seen, 'reply', order);
  if (status === notNow) return false;
  if (status === 0 || status >= 500) unsure.set(t.id, { text, order, ticket: seen });
  else unsure.delete(t.id);
  if (status !== done) {
    focusSoon(composerId, caseTitleId);
    return false;
  }
  if (!template) setDraft(t.id, '');
  choose(t.id, '');
  say(`Tu respuesta ${visibility === 'private' ? 'privada ' : ''}saldrá ${at ? `${at.words}. Puedes cancelarla` : `en ${undoSeconds} segundos. Puedes deshacerla`}.`);
  focusSoon('deshacer-respuesta', caseTitleId);
  return true;
}

/** A send without an answer that turns out to have arrived: its text leaves the composer. */
export function settleUnsure(t: Ticket): void {
  const waiting = unsure.get(t.id);
  if (!waiting || t.version <= waiting.ticket.version) return;
  const arrived = t.replies.some((r) => r.text === waiting.text && !waiting.ticket.replies.some((old) => old.id === r.id));
  if (!arrived) return;
  unsure.delete(t.id);
  if (draft(t.id).peek() === waiting.text) setDraft(t.id, '');
  dismiss(t.id);
  say('Tu respuesta sí llegó al servicio.');
}
