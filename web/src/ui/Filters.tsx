/** Which cases are listed: the views as links, the filters as a form; both are part of the address. */
import { useEffect, useState } from 'preact/hooks';
import { searchId } from '../focus';
import { me } from '../me';
import type { Me, Intent, Network, State } from '../types';
import { address, go, noFilters, place, type Filters as Asked, type View } from '../url';
import { intents, networks, states } from '../words';

const names: Record<View, string> = { cola: 'Cola', mios: 'Míos', denuncias: 'Denuncias', estado: 'Por estado', todos: 'Todos' };

export function viewName(view: View, filters: Asked, who: Me): string {
  if (view === 'estado') return states[filters.estado as State] ?? 'Por estado';
  if (view === 'cola' && who.may.restricted && who.may.ordinary) return 'Cola general';
  return { cola: 'Cola', mios: 'Mis casos', denuncias: 'Denuncias', todos: 'Todos los casos' }[view];
}

export function Views({ view }: { view: View }) {
  const may = me.value?.may;
  const shown: View[] = [...(may?.restricted ? ['denuncias'] as const : []), ...(may?.ordinary ? ['cola'] as const : []), 'mios', 'todos'];
  const usual = shown[0];
  return (
    <nav aria-label="Vistas" class="vistas">
      <ul>
        {shown.map((v) => (
          <li key={v}>
            <a href={address('', { ...noFilters, vista: v === usual ? '' : v })} data-dentro aria-current={v === view || (v === 'todos' && view === 'estado') ? 'page' : undefined}>
              {names[v]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function Filters({ view }: { view: View }) {
  const asked = place.value.filters;
  const [text, setText] = useState(asked.q);
  useEffect(() => setText(asked.q), [asked.q]);
  const change = (part: Partial<Asked>) => go(address('', { ...asked, ...part }));
  const byState = view === 'todos' || view === 'estado';
  return (
    <form
      class="filtros" role="search"
      onSubmit={(event) => {
        event.preventDefault();
        change({ q: text.trim() });
      }}
    >
      <div class="campo-buscar">
        <label class="oculto" for={searchId}>Buscar por número, folio, nombre o palabras</label>
        <input
          id={searchId} type="search" placeholder="Número o palabras" value={text} maxLength={200} autocomplete="off"
          onInput={(event) => {
            setText(event.currentTarget.value);
            if (!event.currentTarget.value && asked.q) change({ q: '' });
          }}
        />
        <button type="submit">Buscar</button>
      </div>
      <Choice label="Clase" value={asked.clase} all="Toda clase" set={(clase) => change({ clase })} options={intents} />
      <Choice label="Red" value={asked.red} all="Toda red" set={(red) => change({ red })} options={networks} />
      {byState && (
        <Choice label="Estado" value={asked.estado} all="Todo estado" options={states}
          set={(estado) => change({ estado, vista: estado ? 'estado' : 'todos' })} />
      )}
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  all: string;
  set: (value: string) => void;
  options: Partial<Record<Intent | Network | State, string>>;
}

function Choice({ label, value, all, set, options }: ChoiceProps) {
  return (
    <label class="eleccion">
      <span class="oculto">{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{all}</option>
        {Object.entries(options).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
    </label>
  );
}
