/** What is asked of who rejects a publication, or lets it out alone: the reason. */
import { useState } from 'preact/hooks';
import { focusSoon, titleId } from '../../focus';
import { dialog } from '../../keys';
import { Dialog } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { doing, wrong } from '../posts';
import type { Post, Scope } from '../types';
import { ScopeChoice } from './MoveDialog';

/** The title of a publication's card, where there are several. */
export const cardId = (id: string) => `ficha-${id}`;

const shortest = 20;

const words = {
  rechazar: { title: 'Rechazar la publicación', label: 'Qué hay que cambiar', button: 'Rechazar', note: 'Lo lee quien la escribió.' },
  emergencia: { title: 'Publicar por emergencia', label: 'Por qué no puede esperar a una segunda persona', button: 'Publicar por emergencia', note: `Queda en la bitácora y se avisa a las demás personas que aprueban. ${shortest} caracteres o más.` },
};

export function ReasonDialog({ p, kind, send }: { p: Post; kind: keyof typeof words; send: (reason: string, scope: { scope?: Scope }) => Promise<boolean> }) {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState('');
  const [scope, setScope] = useState<Scope>('this');
  const w = words[kind];
  const shut = () => {
    dialog.value = '';
    focusSoon(cardId(p.id), titleId);
  };
  const go = async () => {
    const text = reason.trim();
    const gap = !text ? `Escribe ${kind === 'rechazar' ? 'qué hay que cambiar' : 'el motivo'}.` : kind === 'emergencia' && [...text].length < shortest ? `Explícalo un poco más: ${shortest} caracteres o más.` : '';
    setMissing(gap);
    if (gap) return document.getElementById('motivo-pub')?.focus();
    if (await send(text, p.series ? { scope } : {})) dialog.value = '';
  };
  const refusal = wrong.value?.id === p.id ? wrong.value.words : '';
  return (
    <Dialog title={w.title} name={kind} close={shut}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void go(); }}>
        {kind === 'emergencia' && <p>Saldrá sin que otra persona la apruebe.</p>}
        <label for="motivo-pub">{w.label}</label>
        <textarea id="motivo-pub" rows={3} maxLength={500} value={reason} autofocus aria-required={true} aria-invalid={missing !== ''} aria-describedby="error-motivo-pub" onInput={(e) => { setReason(e.currentTarget.value); setMissing(''); }} />
        <p id="error-motivo-pub" class={missing ? 'aviso-texto malo' : 'nota'}>{missing || w.note}</p>
        {p.series && <ScopeChoice p={p} scope={scope} set={setScope} />}
        {refusal && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{refusal}</p>}
        <p class="botones">
          <button type="submit" class="principal" disabled={doing.value !== ''}>{doing.value ? 'Guardando…' : w.button}</button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}
