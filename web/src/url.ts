/** The address is the state: which screen, which case, which view and filters. */
import { signal } from '@preact/signals';

export type View = 'cola' | 'mios' | 'denuncias' | 'estado' | 'todos';

export interface Filters {
  vista: View | '';
  estado: string;
  clase: string;
  red: string;
  q: string;
}

export interface Place {
  screen: 'bandeja' | 'atencion' | 'cuarentena' | 'canales' | 'nuevo' | 'ninguna';
  /** The open case, '' for none. */
  id: string;
  filters: Filters;
}

const views: readonly string[] = ['cola', 'mios', 'denuncias', 'estado', 'todos'];

export const noFilters: Filters = { vista: '', estado: '', clase: '', red: '', q: '' };

function read(): Place {
  const query = new URLSearchParams(location.search);
  const vista = query.get('vista') ?? '';
  const filters: Filters = {
    vista: views.includes(vista) ? (vista as View) : '',
    estado: query.get('estado') ?? '', clase: query.get('clase') ?? '', red: query.get('red') ?? '', q: query.get('q') ?? '',
  };
  const [, first, second, ...rest] = location.pathname.split('/');
  if (rest.length === 0) {
    if (!first && !second) return { screen: 'bandeja', id: '', filters };
    if (first === 'casos' && second) return { screen: 'bandeja', id: decode(second), filters };
    if (['atencion', 'cuarentena', 'canales', 'nuevo'].includes(first ?? '') && !second) return { screen: first as Place['screen'], id: '', filters };
  }
  return { screen: 'ninguna', id: '', filters };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const place = signal<Place>(read());

/** The address of a case, or of the list when id is ''. */
export function address(id: string, filters: Filters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value as string);
  const text = query.toString();
  return (id ? `/casos/${encodeURIComponent(id)}` : '/') + (text ? `?${text}` : '');
}

export function go(href: string, replace = false): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  place.value = read();
}

/** Reads the address again, after something else wrote it. */
export function reread(): void {
  place.value = read();
}

export function startRouting(): void {
  addEventListener('popstate', () => (place.value = read()));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a');
    if (!link || link.target || link.origin !== location.origin || !link.hasAttribute('data-dentro')) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
