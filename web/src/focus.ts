/** Where the keyboard is, and what is said aloud. */
import { signal } from '@preact/signals';

/** The sentence a screen reader says; the same one twice is said twice. */
export const spoken = signal({ text: '', turn: 0 });

export function say(text: string): void {
  spoken.value = { text, turn: spoken.peek().turn + 1 };
}

let request = 0;

/** Puts the focus on the first of the ids that is there and can have it, as soon as one is; gives up after a second. */
export function focusSoon(...ids: string[]): void {
  const mine = ++request;
  const limit = performance.now() + 1000;
  const look = () => {
    if (mine !== request) return;
    for (const id of ids) {
      const found = document.getElementById(id);
      if (found && !found.matches(':disabled') && found.getClientRects().length > 0) {
        found.focus();
        // Behind an open dialog nothing takes the focus: wait until it is gone.
        if (document.activeElement === found) return;
        break;
      }
    }
    if (performance.now() < limit) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Ids of what receives the focus by name. */
export const rowId = (id: string) => `caso-${id}`;
export const titleId = 'titulo';
export const caseTitleId = 'titulo-caso';
export const composerId = 'redactor';
export const searchId = 'buscar';
