/** A text that WhatsApp has approved: chosen, filled in, and seen as the person will read it. */
import { useEffect, useState } from 'preact/hooks';
import type { reply, SendAt } from '../../acts';
import { focusSoon, say } from '../../focus';
import type { Ticket } from '../../types';
import { Failed, Loading } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { approvedFor, beforeWords, gapOf, keyOf, reads } from '../approved';
import { approved, readApproved, unread } from '../templates';
import type { Template } from '../types';
import { Delay } from './Delay';

interface FieldsProps {
  value: Template | undefined;
  set: (t: Template | undefined) => void;
  /** Only those of this account. */
  account?: string;
  wrong: string;
}

export const templateId = 'campo-template';
export const paramId = (i: number) => `campo-param-${i}`;

/** The choice of a template, a field for each thing that is filled in, and how it reads. */
export function TemplateFields({ value, set, account, wrong }: FieldsProps) {
  useEffect(() => void readApproved(), []);
  if (!approved.value) return unread.value ? <Failed failure={unread.value} retry={() => void readApproved()} /> : <Loading lines={3} what="Cargando las plantillas" />;
  const all = approvedFor(approved.value, account);
  const chosen = value && all.find((a) => keyOf(a) === keyOf(value));
  const gone = value?.name && !chosen;
  if (all.length === 0) return <p class="aviso-texto"><Mark name="alerta" />No conocemos plantillas aprobadas de esta cuenta. Se crean en el administrador de WhatsApp de Meta y aparecen aquí en menos de una hora.</p>;
  const choose = (key: string) => {
    const next = all.find((a) => keyOf(a) === key);
    set(next && { name: next.name, language: next.language, params: Array.from({ length: next.params }, (_, i) => value?.params?.[i] ?? '') });
  };
  return (
    <>
      <label for={templateId}>Plantilla</label>
      <select id={templateId} value={value?.name ? keyOf(value) : ''} aria-invalid={wrong !== ''} aria-describedby={wrong ? 'error-template' : undefined} onChange={(e) => choose(e.currentTarget.value)}>
        <option value="">Elige una plantilla</option>
        {gone && <option value={keyOf(value)}>{value.name} (ya no está aprobada)</option>}
        {all.map((a) => <option key={keyOf(a)} value={keyOf(a)}>{a.name}{!a.language.startsWith('es') && ` (${a.language})`}</option>)}
      </select>
      {chosen && Array.from({ length: chosen.params }, (_, i) => (
        <div key={`${keyOf(chosen)} ${i}`}>
          <label for={paramId(i)}>Dato {i + 1}, {beforeWords(chosen.body, i + 1)}</label>
          <input
            id={paramId(i)} type="text" dir="auto" autocomplete="off" value={value.params?.[i] ?? ''} aria-invalid={wrong !== '' && !value.params?.[i]?.trim()} aria-describedby={wrong ? 'error-template' : undefined}
            onInput={(e) => set({ ...value, params: Array.from({ length: chosen.params }, (_, n) => (n === i ? e.currentTarget.value : value.params?.[n] ?? '')) })}
          />
        </div>
      ))}
      {wrong && <p id="error-template" class="aviso-texto malo"><Mark name="alerta" />{wrong}</p>}
      {chosen && (
        <figure class="previa de-whatsapp">
          <figcaption>Así la lee la persona</figcaption>
          <p class="texto" dir="auto">{reads(chosen.body, value.params)}</p>
        </figure>
      )}
    </>
  );
}

/** An answer in an approved text, which WhatsApp takes whenever the person last wrote. */
export function TemplateReply({ t, sending, go, close }: { t: Ticket; sending: boolean; go: typeof reply; close: () => void }) {
  const [value, setValue] = useState<Template>();
  const [wrong, setWrong] = useState('');
  /** An hour to send at: undefined for now, empty while none is chosen. */
  const [at, setAt] = useState<SendAt | ''>();
  useEffect(() => focusSoon(templateId), [approved.value]);
  const refuse = (words: string, field: string) => {
    setWrong(words);
    say(words);
    focusSoon(field);
  };
  const send = () => {
    const known = value && approvedFor(approved.peek() ?? [], t.account).find((a) => keyOf(a) === keyOf(value));
    if (sending) return;
    if (!known) return refuse('Elige una plantilla.', templateId);
    const gap = gapOf(known, value);
    if (gap >= 0) return refuse(`Completa el dato ${gap + 1}.`, paramId(gap));
    if (at === '') return refuse('Elige cuándo sale, o envíala ahora.', 'despues-0');
    void go(t, reads(known.body, value.params), 'private', at, value).then((ok) => ok && close());
  };
  return (
    <form class="con-plantilla" noValidate onSubmit={(event) => { event.preventDefault(); send(); }}>
      <TemplateFields value={value} set={(next) => { setValue(next); setWrong(''); }} account={t.account} wrong={wrong} />
      {at !== undefined && <Delay until={undefined} network={t.network} set={setAt} close={() => { setAt(undefined); focusSoon('plantilla-despues'); }} />}
      <div class="redaccion-pie">
        <p class="nota">WhatsApp cobra cada plantilla.</p>
        <p class="botones">
          <button type="button" onClick={close}>Volver</button>
          {at === undefined && <button type="button" id="plantilla-despues" onClick={() => setAt('')}>Enviar después…</button>}
          <button type="submit" class="principal" disabled={sending}>{sending ? 'Enviando…' : at ? 'Programar' : 'Enviar plantilla'}</button>
        </p>
      </div>
    </form>
  );
}
