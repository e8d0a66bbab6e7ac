/** Where the keyboard is, and what is said aloud. */
import { signal } from '@preact/signals';

/** The sentence a screen reader says; the same one twice is said twice. */
export const spoken = signal({ text: '', turn: 0 });

export function say(text: string): void {
  spoken.value = { text, turn: spoken.peek().turn + 1 };
}

let request = 0;

/** Puts the focus on the first of the ids that is there and can have it, as soon as one is, and again when what had it is
 * drawn anew; gives up after a second. */
export function focusSoon(...ids: string[]): void {
  const mine = ++request;
  const limit = performance.now() + 1000;
  let given: Element | undefined;
  const look = () => {
    const active = document.activeElement;
    if (mine !== request || (given && active !== given && active !== document.body)) return;
    if (active !== given) given = focusFirst(ids);
    if (performance.now() < limit) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Gives the element that took the focus. Behind an open dialog nothing takes it. */
function focusFirst(ids: string[]): Element | undefined {
  const able = (e: HTMLElement | null) => e !== null && !e.matches(':disabled') && e.getClientRects().length > 0;
  const found = ids.map((id) => document.getElementById(id)).find(able);
  found?.focus();
  return found && document.activeElement === found ? found : undefined;
}

/** Ids of what receives the focus by name. */
export const rowId = (id: string) => `caso-${id}`;
export const titleId = 'titulo';
export const caseTitleId = 'titulo-caso';
export const composerId = 'redactor';
export const searchId = 'buscar';
