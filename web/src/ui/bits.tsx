/** Pieces that every screen uses: what waits, what failed, what is empty, and terms in words. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../api';
import { moment } from '../clock';
import { ageWords, dueWords, fullWords } from '../dates';
import type { Intent, Ticket } from '../types';
import { intents } from '../words';
import { Mark } from './icons';

/** Shows that something is being read, but only when it takes long enough to be noticed. */
export function Loading({ lines, what }: { lines: number; what: string }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!slow) return null;
  return (
    <div class="esqueleto" role="status">
      <span class="oculto">{what}</span>
      {Array.from({ length: lines }, (_, i) => <span key={i} class="barra" />)}
    </div>
  );
}

export function Failed({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <div class="aviso malo" role="alert">
      <p><strong>{failure.problem.title}.</strong> {failure.words}</p>
      <button type="button" onClick={retry}>Reintentar</button>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="vacio">
      <p class="vacio-titulo">{title}</p>
      {children}
    </div>
  );
}

export function IntentChip({ intent }: { intent: Intent }) {
  return <span class={`chip clase-${intent}`}>{intents[intent] ?? intent}</span>;
}

/** The term in words; nothing for a case whose term no longer runs. */
export function Due({ t }: { t: Ticket }) {
  if (t.daysLeft === undefined) return null;
  const words = dueWords(t.daysLeft, t.dueDate, moment.value);
  return (
    <span class={`plazo ${words.tone}`}>
      {words.tone !== 'calm' && <Mark name={words.tone === 'bad' ? 'alerta' : 'reloj'} />}
      <Spoken shown={words.short} read={words.long} />
    </span>
  );
}

/** A short form for the eye and a long one for the ear. */
export function Spoken({ shown, read }: { shown: string; read: string }) {
  if (shown === read) return <>{shown}</>;
  return <><span aria-hidden="true">{shown}</span><span class="oculto">{read}</span></>;
}

export function Age({ at }: { at: string }) {
  return <time dateTime={at} title={fullWords(at)}>{ageWords(at, moment.value)}</time>;
}

/** What a citizen or a colleague calls themselves: any script, never anything but text. */
export function Name({ t }: { t: Ticket }) {
  return <bdi class="persona">{t.citizen.name || t.citizen.handle || 'Persona sin nombre'}</bdi>;
}

/** A native dialog, open while it is mounted; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children, name }: { title: string; close: () => void; children: ComponentChildren; name: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const here = ref.current;
    here?.showModal();
    return () => here?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialogo"
      aria-labelledby={`dialogo-${name}`}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id={`dialogo-${name}`}>{title}</h2>
      {children}
    </dialog>
  );
}

/** When the element given is taken away or drawn anew while it holds the focus, the focus goes to who bears its id now, or to
 * the fallback, and not to nowhere. */
export function useKeepFocus(held: string, fallback: string): void {
  // Read while rendering: the document is still as it was before this change.
  const before = document.activeElement?.id === held;
  useLayoutEffect(() => {
    if (before && document.activeElement?.id !== held) (document.getElementById(held) ?? document.getElementById(fallback))?.focus();
  });
}
