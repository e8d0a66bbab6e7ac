/** Pieces that the screens of publishing share. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { focusSoon, titleId } from '../../focus';
import type { Network } from '../../types';
import { Mark, NetworkName } from '../../ui/icons';
import { place } from '../../url';
import { wrong } from '../posts';
import type { PostState } from '../types';
import { stateMarks, stateTones, stateWords, type MarkName } from '../words';

const drawings: Partial<Record<MarkName, string>> = {
  lapiz: 'M13.5 2.5 17.5 6.5 7 17H3v-4zM4.6 13.7v1.7h1.7l7.2-7.2-1.7-1.7z',
  dia: 'M6 2v2H3v14h14V4h-3V2h-2v2H8V2zM5 8h10v8H5zm2 2v4h4v-4z',
  veda: 'M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 2c1.300 0 2.500.4 3.500 1.100L5.100 13.500A6 6 0 0 1 10 4zm0 12a6 6 0 0 1-3.500-1.100l8.400-8.400A6 6 0 0 1 10 16z',
};

export function Draw({ name }: { name: MarkName }) {
  const path = drawings[name];
  if (path) return <svg class="icono" viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d={path} /></svg>;
  return <Mark name={name as 'alerta' | 'reloj' | 'listo'} />;
}

export function StateTag({ state }: { state: PostState }) {
  return <span class={`pub-estado ${stateTones[state]}`}><Draw name={stateMarks[state]} />{stateWords[state] ?? state}</span>;
}

export function Nets({ networks }: { networks: readonly Network[] }) {
  return <span class="pub-redes">{networks.map((n) => <NetworkName key={n} network={n} />)}</span>;
}

const tabs: [screen: string, name: string][] = [
  ['calendario', 'Calendario'], ['borradores', 'Borradores'], ['aprobaciones', 'Por aprobar'], ['fallas', 'Fallas'], ['campanas', 'Campañas'], ['biblioteca', 'Biblioteca'],
];

/** A screen of publishing with the ways to the others. */
export function Frame({ title, head, children }: { title: string; head?: ComponentChildren; children: ComponentChildren }) {
  const { screen } = place.value;
  useEffect(() => {
    document.title = `${title} · Gestor de redes`;
  }, [title]);
  return (
    <div class="hoja ancha publicaciones">
      <nav class="vistas" aria-label="Publicaciones">
        <ul>{tabs.map(([at, name]) => <li key={at}><a href={`/${at}`} data-dentro aria-current={screen === at ? 'page' : undefined}>{name}</a></li>)}</ul>
      </nav>
      <div class="pub-cabeza"><h1 id={titleId} tabIndex={-1}>{title}</h1>{head}</div>
      {children}
    </div>
  );
}

/** Whether the window is as narrow as a telephone. */
export function useNarrow(): boolean {
  const query = '(max-width: 40em)';
  const [narrow, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => set(media.matches);
    media.addEventListener('change', look);
    return () => media.removeEventListener('change', look);
  }, []);
  return narrow;
}

/** What was refused of the publication given; of any, where none is. */
export function WrongBox({ id }: { id?: string }) {
  const w = wrong.value;
  if (!w || (id !== undefined && w.id !== id)) return null;
  return (
    <div class="aviso malo" role="alert">
      <p>{w.words}{w.stale && ' Ya ves lo más nuevo: revísalo y decide de nuevo.'}</p>
      <button type="button" onClick={() => { wrong.value = undefined; focusSoon(w.id ? `ficha-${w.id}` : titleId, titleId); }}>Entendido</button>
    </div>
  );
}
