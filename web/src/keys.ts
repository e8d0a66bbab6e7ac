/** The keyboard: one letter for each thing, only outside of fields, and off for whom it is in the way (WCAG 2.1.4). */
import { signal } from '@preact/signals';
import { claim, classify, escalate, undo } from './acts';
import { lost, story } from './cases';
import { choices, chosenClass, guarded } from './doubt';
import { caseTitleId, composerId, focusSoon, rowId, say, searchId, titleId } from './focus';
import { beside } from './list';
import { me } from './me';
import type { Action, Intent, Ticket } from './types';
import { address, go, noFilters, place } from './url';

export type DialogName = '' | 'ayuda' | 'siac' | 'clase' | 'cerrar' | 'salir' | 'conectar' | 'desconectar' | 'ocultar' | 'borrar' | 'registrar' | PostDialog;
/** Those of publishing. */
export type PostDialog = 'mover' | 'alcance' | 'rechazar' | 'emergencia' | 'biblioteca' | 'variante' | 'publicada' | 'cancelar' | 'campana';

export const dialog = signal<DialogName>('');

const offKey = 'gestor.atajos';
export const shortcuts = signal(readChoice());

function readChoice(): boolean {
  try {
    return localStorage.getItem(offKey) !== 'no';
  } catch {
    return true;
  }
}

export function setShortcuts(on: boolean): void {
  shortcuts.value = on;
  try {
    if (on) localStorage.removeItem(offKey);
    else localStorage.setItem(offKey, 'no');
  } catch {
    // Without storage the choice holds until the tab is closed.
  }
}

/** The row that the keyboard stands on. */
export const standing = signal('');

/** What to do with a case as soon as it is read: a key was pressed on its row. */
export const intended = signal('');

export const sheet: readonly [keys: string, what: string][] = [
  ['j / k', 'Caso siguiente / anterior'], ['Enter', 'Abrir el caso'], ['n', 'Ingresar un caso a mano'], ['c', 'Tomar el caso'], ['r', 'Responder'], ['e', 'Enviar a SIAC, o buscarlo de nuevo'],
  ['t', 'Corregir la clase'], ['1, 2, 3', 'Decidir la clase, cuando el clasificador duda'], ['x', 'Cerrar el caso'], ['u', 'Deshacer lo que aún no sale'], ['Ctrl + Enter', 'Enviar la respuesta'],
  ['/', 'Buscar'], ['g y luego b', 'Ir a la Bandeja'], ['g y luego a', 'Ir a Atención'], ['g y luego c', 'Ir a Cuarentena'],
  ['g y luego n', 'Ir a Canales'], ['g y luego p', 'Ir a Publicaciones'], ['g y luego o', 'Ir a Por aprobar'], ['g y luego f', 'Ir a Fallas'],
  ['g y luego l', 'Ir a Clasificador'], ['g y luego r', 'Ir a Revisar el clasificador'],
  ['Esc', 'Salir del campo; volver a la lista'], ['?', 'Esta ayuda'],
];

/** What keys do on the screen that is open, before what they do everywhere; and how the help tells of them. */
export const screenKeys = signal<Record<string, () => void>>({});
export const screenSheet = signal<readonly [keys: string, what: string][]>([]);

export function startKeys(): void {
  document.addEventListener('keydown', press);
}

const never = -1e9;
let chord = never;

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (document.querySelector('dialog[open]')) return;
  const target = event.target as HTMLElement;
  const field = target.matches('input, textarea, select, [contenteditable]');
  if (event.key === 'Escape') return escape(event, target, field);
  if (field || !shortcuts.value) return;
  const second = performance.now() - chord < 1500;
  chord = never;
  const deed = second ? goTo[event.key] : (screenKeys.peek()[event.key] ?? keys[event.key]);
  if (!deed) return;
  event.preventDefault();
  deed();
}

function escape(event: KeyboardEvent, target: HTMLElement, field: boolean): void {
  const open = place.peek().id;
  if (field) {
    target.blur();
    focusSoon(open && target.id === composerId ? caseTitleId : titleId);
  } else if (open) {
    go(address('', place.peek().filters));
    focusSoon(rowId(open), titleId);
  } else return;
  event.preventDefault();
}

const goTo: Record<string, () => void> = {
  b: () => visit(address('', noFilters)),
  a: () => visit('/atencion'),
  c: () => visit('/cuarentena'),
  n: () => visit('/canales'),
  p: () => visit('/calendario'),
  o: () => visit('/aprobaciones'),
  f: () => visit('/fallas'),
  l: () => visit('/clasificador'),
  r: () => visit('/revisar'),
};

export function visit(href: string): void {
  go(href);
  focusSoon(titleId);
}

const keys: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  g: () => (chord = performance.now()),
  '/': () => {
    if (place.peek().screen !== 'bandeja') go(address('', noFilters));
    focusSoon(searchId);
  },
  '?': () => (dialog.value = 'ayuda'),
  n: () => (me.peek()?.may.capture ? visit('/nuevo') : say('Tu rol no ingresa casos a mano.')),
  c: () => withCase('c'),
  r: () => withCase('r'),
  e: () => withCase('e'),
  x: () => withCase('x'),
  u: () => withCase('u'),
  t: () => withCase('t'),
  1: () => withCase('1'),
  2: () => withCase('2'),
  3: () => withCase('3'),
};

/** The list's own movement; where the list is not shown beside the case, the next case is opened. */
export function move(step: 1 | -1): void {
  if (place.peek().screen !== 'bandeja') return;
  const open = place.peek().id;
  const shown = (document.getElementById(rowId(beside('', 1)))?.getClientRects().length ?? 0) > 0;
  if (open && !shown) {
    const next = beside(open, step);
    if (!next) return say(step > 0 ? 'Es el último caso de la lista.' : 'Es el primer caso de la lista.');
    go(address(next, place.peek().filters));
    return focusSoon(caseTitleId);
  }
  const active = document.activeElement?.id ?? '';
  const on = active.startsWith('caso-') ? active.slice('caso-'.length) : '';
  const target = on ? beside(on, step) : standing.peek() && document.getElementById(rowId(standing.peek())) ? standing.peek() : beside('', 1);
  if (target) focusSoon(rowId(target));
  else say(step > 0 ? 'Es el último caso de la lista.' : 'Es el primer caso de la lista.');
}

/** Does what a key says with the open case, or opens the one the keyboard stands on and does it there. */
function withCase(key: string): void {
  const here = place.peek();
  if (here.screen !== 'bandeja') return;
  const active = document.activeElement?.id ?? '';
  const id = active.startsWith('caso-') ? active.slice('caso-'.length) : here.id;
  if (!id) return say('Elige primero un caso.');
  const t = story(id);
  if (id !== here.id || !t) {
    intended.value = key;
    if (id !== here.id) go(address(id, here.filters));
    return;
  }
  carryOut(key, t);
}

/** Asks before a case is sent to SIAC; to look for it again takes no question. */
export function askSiac(t: Ticket): void {
  if (lost(t)) void escalate(t);
  else dialog.value = 'siac';
}

/** Opens the dialog, with a class chosen or with that of the case. */
export function correct(intent: Intent | '' = ''): void {
  chosenClass.value = intent;
  dialog.value = 'clase';
}

/** Takes the word of a person on the class; where a reason is needed it is asked for. */
export function decideClass(t: Ticket, intent: Intent): void {
  if (guarded.includes(t.intent.final) && intent !== t.intent.final) correct(intent);
  else void classify(t, intent, '');
}

const acts: Record<string, { action: Action; deed: (t: Ticket) => void }> = {
  c: { action: 'claim', deed: (t) => void claim(t) },
  r: { action: 'reply', deed: () => focusSoon(composerId) },
  e: { action: 'escalate', deed: askSiac },
  x: { action: 'close', deed: () => (dialog.value = 'cerrar') },
  u: { action: 'undo', deed: (t) => void undo(t) },
  t: { action: 'classify', deed: () => correct() },
  1: { action: 'classify', deed: (t) => pick(t, 0) },
  2: { action: 'classify', deed: (t) => pick(t, 1) },
  3: { action: 'classify', deed: (t) => pick(t, 2) },
};

/** Decides for one of the classes between which the classifier doubts. */
function pick(t: Ticket, nth: number): void {
  const intent = choices(t)[nth];
  if (intent) decideClass(t, intent);
  else refuse('Aquí no hay que elegir entre clases. Con la t se corrige.');
}

/** Carries out a key on a case that was read, or says why it cannot be done. */
export function carryOut(key: string, t: Ticket): void {
  const found = acts[key];
  if (!found) return;
  const option = t.may?.[found.action];
  if (option?.allowed) found.deed(t);
  else refuse(option?.why || 'Eso no se puede hacer ahora.');
}

/** Says why a key did nothing. */
export function refuse(why: string): void {
  refusedKey.value = why;
  say(why);
}

/** Why the last key did nothing, shown for a moment. */
export const refusedKey = signal('');
