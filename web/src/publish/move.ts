/** Moving a publication to another moment: picked up, carried, put down or given up, and taken back for a while. */
import { signal } from '@preact/signals';
import { now } from '../clock';
import { focusSoon, say } from '../focus';
import { dialog } from '../keys';
import { firstWords, localOf, onDay } from './grid';
import { change, days, known, refused, wrong } from './posts';
import type { Post, Scope } from './types';
import { dateOf, home, instantsOf, shift, wallOf, whenWords } from './wall';
import { allowed, dayWords, losesApproval, whyNot } from './words';

export interface Picked {
  id: string;
  from: string;
  to: string;
  /** It was put down, and the service has not answered. */
  saving?: boolean;
}

export const picked = signal<Picked | undefined>(undefined);
/** What is asked before it is put down. */
export const asking = signal<Picked | undefined>(undefined);
/** The last move, as long as it can be taken back. */
export const undoable = signal<(Picked & { scope?: Scope; until: number; lost: boolean }) | undefined>(undefined);
/** Moves after something moved, so that lists are read again. */
export const movedAt = signal(0);

const undoFor = 10_000;

export const chipId = (id: string) => `pub-${id}`;

const today = () => dateOf(wallOf(now()));

/** Where it is now, aloud: the day, the hour, and what is special there. */
export function placeWords(local: string): string {
  const special = (days.peek().get(dateOf(local)) ?? []).map(dayWords);
  return [whenWords(local, today()), ...special].join('. ');
}

export function pick(p: Post | undefined): void {
  if (!p) return say('Elige primero una publicación.');
  if (!allowed(p.may?.edit)) return say(whyNot(p.may?.edit) || 'Esta publicación no se puede mover.');
  const from = localOf(p);
  if (!from) return say('Esta publicación no tiene fecha. Ábrela para dársela.');
  wrong.value = undefined;
  picked.value = { id: p.id, from, to: from };
  say(`Tomaste «${firstWords(p.text, 40)}», ${whenWords(from, today())}. Flechas: cambian el día. Mayúsculas y flechas: la hora. Enter la deja. Escape la devuelve.`);
}

export function carry(step: { days: number; minutes: number }): void {
  const held = picked.peek();
  if (!held || held.saving) return;
  const to = shift(held.to, step.days, step.minutes);
  picked.value = { ...held, to };
  say(placeWords(to));
}

export function giveUp(): void {
  const held = picked.peek();
  if (!held || held.saving) return;
  picked.value = asking.value = undefined;
  say(`La dejaste donde estaba: ${whenWords(held.from, today())}.`);
  focusSoon(chipId(held.id));
}

/** Puts it down on another day, at the same hour. */
export function dropOn(p: Post, date: string): void {
  const from = localOf(p);
  if (!from || !allowed(p.may?.edit)) return pick(p);
  picked.value = { id: p.id, from, to: onDay(from, date) };
  drop();
}

/** Puts it down where it is; what has consequences is asked first. */
export function drop(): void {
  const held = picked.peek();
  const p = held && known.peek().get(held.id);
  if (!held || !p || held.saving) return;
  if (held.to === held.from) return giveUp();
  const zone = p.publishAt?.zone || home;
  const at = instantsOf(held.to, zone);
  if (at.length === 0) return say('Esa noche el reloj se adelanta y esa hora no existe. Elige otra.');
  if (at[at.length - 1]! <= now()) return say('Esa hora ya pasó. Elige otra.');
  const blocked = (days.peek().get(dateOf(held.to)) ?? []).some((d) => d.blocks);
  if (p.series || losesApproval(p) || blocked) {
    asking.value = held;
    dialog.value = 'mover';
    return;
  }
  void commit(held);
}

export async function commit(held: Picked, scope?: Scope): Promise<boolean> {
  const p = known.peek().get(held.id);
  if (!p) return false;
  const lost = losesApproval(p);
  picked.value = { ...held, saving: true };
  wrong.value = undefined;
  try {
    await change(p, { publishAt: { local: held.to, zone: p.publishAt?.zone || home } }, scope);
    undoable.value = { ...held, ...(scope ? { scope } : {}), until: now() + undoFor, lost };
    say(`Movida a ${whenWords(held.to, today())}.${lost ? ' La aprobación se retiró.' : ''} Puedes deshacerlo con la tecla u.`);
    return true;
  } catch (error) {
    refused(held.id, error);
    return false;
  } finally {
    picked.value = asking.value = undefined;
    movedAt.value++;
    focusSoon(chipId(held.id));
  }
}

export async function undoMove(): Promise<void> {
  const last = undoable.peek();
  const p = last && known.peek().get(last.id);
  undoable.value = undefined;
  if (!last || !p) return say('No hay nada que deshacer.');
  picked.value = { id: last.id, from: last.to, to: last.from, saving: true };
  try {
    await change(p, { publishAt: { local: last.from, zone: p.publishAt?.zone || home } }, last.scope);
    say(`Volvió a ${whenWords(last.from, today())}.${last.lost ? ' La aprobación no vuelve sola: hay que aprobarla de nuevo.' : ''}`);
  } catch (error) {
    refused(last.id, error);
  } finally {
    picked.value = undefined;
    movedAt.value++;
    focusSoon(chipId(last.id));
  }
}
