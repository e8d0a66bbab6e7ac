/** Code that is fetched when it is first needed, so that a first visit does not wait for it. */
import { signal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { titleId } from '../focus';
import { Loading } from './bits';

export interface Fetched<M> {
  got: Signal<M | undefined>;
  failed: Signal<boolean>;
  ask: () => void;
}

export function later<M>(load: () => Promise<M>): Fetched<M> {
  const got = signal<M | undefined>(undefined);
  const failed = signal(false);
  let asked = false;
  const ask = () => {
    if (asked) return;
    asked = true;
    load().then((m) => (got.value = m), () => (failed.value = true));
  };
  return { got, failed, ask };
}

/** Shows what was fetched. A browser remembers that a script did not come: only the page read anew asks again. */
export function Waiting<M>({ from, show, small }: { from: Fetched<M>; show: (m: M) => ComponentChildren; small?: boolean }) {
  useEffect(from.ask, [from]);
  if (from.got.value) return <>{show(from.got.value)}</>;
  if (small) return <p class="aviso-texto" role="status">{from.failed.value ? 'No pudimos cargar esto. Revisa tu conexión y carga la página de nuevo: tu texto queda guardado.' : 'Un momento…'}</p>;
  if (!from.failed.value) return <div class="hoja"><h1 id={titleId} tabIndex={-1} class="oculto">Cargando</h1><Loading lines={6} what="Cargando la pantalla" /></div>;
  return (
    <div class="hoja">
      <h1 id={titleId} tabIndex={-1}>No pudimos cargar esta pantalla</h1>
      <div class="aviso malo" role="alert">
        <p>Revisa tu conexión y carga la página de nuevo. Si acabamos de actualizar la consola, con eso basta. Lo que escribiste queda guardado.</p>
        <button type="button" onClick={() => location.reload()}>Cargar la página de nuevo</button>
      </div>
    </div>
  );
}
