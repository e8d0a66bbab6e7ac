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

/** Those of publishing are loaded when one of them is opened. */
const postScreens = ['calendario', 'borradores', 'aprobaciones', 'fallas', 'campanas', 'biblioteca', 'publicaciones'] as const;
const screens = ['atencion', 'cuarentena', 'canales', 'nuevo', 'clasificador', 'revisar', ...postScreens] as const;

export type Screen = (typeof screens)[number] | 'bandeja' | 'ninguna';

export const ofPosts = (screen: Screen) => (postScreens as readonly string[]).includes(screen);

export const ofModel = (screen: Screen) => screen === 'clasificador' || screen === 'revisar';

export interface Place {
  screen: Screen;
  /** The open case, '' for none. */
  id: string;
  filters: Filters;
  /** What of a screen of publishing is open, '' for none. */
  sub: string;
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
    if (!first && !second) return { screen: 'bandeja', id: '', filters, sub: '' };
    if (first === 'casos' && second) return { screen: 'bandeja', id: decode(second), filters, sub: '' };
    const known = screens.find((s) => s === first);
    if (known && (second ? known === 'campanas' || known === 'publicaciones' : known !== 'publicaciones')) return { screen: known, id: '', filters, sub: decode(second ?? '') };
  }
  return { screen: 'ninguna', id: '', filters, sub: '' };
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
