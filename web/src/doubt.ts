/** Between which classes the classifier doubts. */
import { signal } from '@preact/signals';
import type { Intent, Ticket } from './types';

/** Among more classes than these the classifier proposes none. */
export const mostChoices = 3;

/** The classes that a case only leaves with a reason: it leaves the indicators with them. */
export const guarded: readonly Intent[] = ['reclamo', 'denuncia'];

/** The class that the dialog begins with, where one was chosen already. */
export const chosenClass = signal<Intent | ''>('');

/** The classes a case may be of, as the classifier sees it. */
export const candidates = (t: Ticket): Intent[] => [...new Set([t.intent.final, ...t.intent.set])];

/** The classes between which one key decides; none where a person did, or may not, or there is no clear proposal. */
export function choices(t: Ticket): Intent[] {
  const all = candidates(t);
  return !t.intent.gestor && t.may?.classify?.allowed && all.length > 1 && all.length <= mostChoices ? all : [];
}
