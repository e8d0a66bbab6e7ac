/** What a person is writing, for each case, kept in this tab until it is sent: a text is never lost. */
import { signal, type Signal } from '@preact/signals';
import type { Visibility } from './types';

const drafts = new Map<string, Signal<string>>();
let owner = '';

const prefix = () => `gestor.borrador.${owner}.`;

/** Drafts belong to who wrote them, also when somebody else signs in in the same tab. */
export function draftsOf(user: string): void {
  owner = user;
  drafts.clear();
  choices.clear();
}

export function draft(id: string): Signal<string> {
  let found = drafts.get(id);
  if (!found) {
    found = signal(sessionStorage.getItem(prefix() + id) ?? '');
    drafts.set(id, found);
  }
  return found;
}

export function setDraft(id: string, text: string): void {
  draft(id).value = text;
  try {
    if (text) sessionStorage.setItem(prefix() + id, text);
    else sessionStorage.removeItem(prefix() + id);
  } catch {
    // A full or forbidden storage: the text stays in memory.
  }
}

const choices = new Map<string, Signal<Visibility | ''>>();
const choiceKey = (id: string) => `gestor.visible.${owner}.${id}`;

/** Who is to read the text being written, '' while nobody chose. Kept like the text: a private one never turns public by itself. */
export function chosen(id: string): Signal<Visibility | ''> {
  let found = choices.get(id);
  if (!found) {
    const held = sessionStorage.getItem(choiceKey(id));
    found = signal(held === 'public' || held === 'private' ? held : '');
    choices.set(id, found);
  }
  return found;
}

export function choose(id: string, visibility: Visibility | ''): void {
  chosen(id).value = visibility;
  try {
    if (visibility) sessionStorage.setItem(choiceKey(id), visibility);
    else sessionStorage.removeItem(choiceKey(id));
  } catch {
    // As with the text: it stays in memory.
  }
}

/** How many cases, and publications, have text that was not sent or saved. */
export function unsent(): number {
  const publications = Object.keys(localStorage).filter((key) => key.startsWith(`gestor.publicacion.${owner}.`));
  return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix())).length + publications.length;
}

/** Remembers that a reply that failed already gave its text back. */
export function gaveBack(reply: string): boolean {
  const key = `gestor.devuelta.${reply}`;
  const before = sessionStorage.getItem(key) !== null;
  if (!before) sessionStorage.setItem(key, 'sí');
  return before;
}
