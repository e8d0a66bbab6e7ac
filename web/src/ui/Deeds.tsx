/** What is done with a single text: hide, show again, like, take away an answer of ours; and what became of it. */
import { useState } from 'preact/hooks';
import { busy, deed, notices, record, target } from '../acts';
import { moment, now, second, secondsTo } from '../clock';
import { timeWords } from '../dates';
import { dialog } from '../keys';
import { me } from '../me';
import type { Act, Deed, Mention, Option, Reply, Ticket, Verb, Visibility } from '../types';
import { hideReasons, hideWords, networks, reasonWords } from '../words';
import { Dialog } from './bits';
import { Refusal } from './Dialogs';
import { Mark } from './icons';

const shut = () => (dialog.value = '');

const open = (name: 'ocultar' | 'borrar', id: string) => () => {
  target.value = id;
  dialog.value = name;
};

/** The acts of a mention that may be done, and why those may not that somebody could look for. */
export function MentionMenu({ m, t }: { m: Mention; t: Ticket }) {
  const { hide, unhide, like, approve } = m.may ?? {};
  // What is proposed is decided where it stands.
  const asked = approve?.allowed ? approve.what : '';
  const run = (action: Deed, said: string) => () => void deed(t, action, m.id, { mention: m.id }, said);
  const network = networks[t.network];
  const offered = [
    hide?.allowed && asked !== 'hide' && <button type="button" onClick={open('ocultar', m.id)}>{hide.proposes ? 'Proponer ocultar…' : 'Ocultar…'}</button>,
    unhide?.allowed && asked !== 'unhide' && <button type="button" onClick={run('unhide', unhide.proposes ? 'Propusiste mostrarlo de nuevo.' : 'Se mostrará de nuevo.')}>{unhide.proposes ? 'Proponer mostrar de nuevo' : 'Mostrar de nuevo'}</button>,
    like?.allowed && <button type="button" onClick={run('like', 'Marcarás «me gusta».')}>Me gusta</button>,
  ].filter(Boolean);
  const why = [['Ocultar', hide], ['Mostrar de nuevo', unhide], ['Me gusta', like]] as [string, Option | undefined][];
  const link = m.link && /^https:\/\//.test(m.link) && <a href={m.link} target="_blank" rel="noreferrer noopener">Ver en {network}<span class="oculto"> (se abre en otra pestaña)</span></a>;
  if (offered.length === 0 && !link && !hide) return null;
  return (
    <details class="menu" name="menu-texto">
      <summary>Más<span class="oculto"> sobre este mensaje</span></summary>
      <ul>
        {link && <li>{link}</li>}
        {offered.map((one, i) => <li key={i}>{one}</li>)}
        {why.map(([name, o]) => o && !o.allowed && o.why && <li key={name} class="por-que">{name}: {o.why}</li>)}
      </ul>
    </details>
  );
}

export function ReplyMenu({ r, t }: { r: Reply; t: Ticket }) {
  const link = r.link && /^https:\/\//.test(r.link) && <a href={r.link} target="_blank" rel="noreferrer noopener">Ver dónde se dio<span class="oculto"> (se abre en otra pestaña)</span></a>;
  if (!r.may?.remove?.allowed && !link) return null;
  return (
    <details class="menu" name="menu-texto">
      <summary>Más<span class="oculto"> sobre esta respuesta</span></summary>
      <ul>
        {link && <li>{link}</li>}
        {r.may?.remove?.allowed && <li><button type="button" onClick={open('borrar', r.id)}>Borrar en {networks[t.network]}…</button></li>}
      </ul>
    </details>
  );
}

const infinitives: Record<Verb, string> = { hide: 'ocultarlo', unhide: 'mostrarlo de nuevo', like: 'marcar «me gusta»', remove: 'borrarla en la red' };
const soon: Record<Verb, string> = { hide: 'Se ocultará', unhide: 'Se mostrará de nuevo', like: 'Se marcará «me gusta»', remove: 'Se borrará en la red' };
const did: Record<Verb, string> = { hide: 'Oculto en la red', unhide: 'Visible de nuevo', like: 'Con nuestro «me gusta»', remove: 'Borrada en la red' };

/** What became of each act, with what can still be decided or taken back. */
export function Acts({ acts, id, t, may, reply }: { acts: Act[]; id: string; t: Ticket; may: Partial<Record<string, Option>> | undefined; reply?: boolean }) {
  const shown = acts.filter((a) => a.state !== 'cancelled');
  if (shown.length === 0) return null;
  return <ul class="actos">{shown.map((a) => <li key={a.verb}><ActLine a={a} id={id} t={t} may={may} about={reply ? { reply: id } : { mention: id }} /></li>)}</ul>;
}

function ActLine({ a, id, t, may, about }: { a: Act; id: string; t: Ticket; may: Partial<Record<string, Option>> | undefined; about: Record<string, string> }) {
  const at = moment.value;
  const who = (user: string | undefined, name: string | undefined) => (user === me.value?.id ? 'Tú' : name || user || 'El sistema');
  const reason = a.reason ? `: ${hideWords(a.reason)}` : '';
  const order = { ...about, verb: a.verb };
  const mine = <T extends 'approve' | 'cancel'>(key: T) => may?.[key]?.allowed && may[key].what === a.verb;
  const doing = busy.value[t.id] !== undefined;
  switch (a.state) {
    case 'proposed':
      return (
        <>
          <p><Mark name="reloj" /><strong><bdi>{who(a.by, a.byName)}</bdi> {a.by === me.value?.id ? 'propusiste' : 'propuso'} {infinitives[a.verb]}</strong>{reason}. {timeWords(a.at, at)}</p>
          {mine('approve') ? (
            <p class="botones">
              <button type="button" class="principal" disabled={doing} onClick={() => void deed(t, 'approve-act', id, order, 'Aprobaste la propuesta.')}>Aprobar</button>
              <button type="button" disabled={doing} onClick={() => void deed(t, 'reject-act', id, order, 'Rechazaste la propuesta.')}>Rechazar</button>
            </p>
          ) : mine('cancel') && <p><button type="button" disabled={doing} onClick={() => void deed(t, 'cancel-act', id, order, 'Retiraste la propuesta.')}>Retirar la propuesta</button></p>}
        </>
      );
    case 'planned':
      return <Planned a={a} id={id} t={t} order={order} may={Boolean(mine('cancel'))} />;
    case 'refused':
      return <p class="aviso-texto malo"><Mark name="alerta" />No se pudo {infinitives[a.verb]}: {reasonWords(a.refused)}.</p>;
    case 'done':
      return <p><Mark name="listo" />{did[a.verb]}{reason}. {a.askedBy ? <>Lo propuso <bdi>{who(a.askedBy, a.askedByName)}</bdi> y lo aprobó <bdi>{who(a.by, a.byName)}</bdi>.</> : a.byName && <><bdi>{who(a.by, a.byName)}</bdi>, {timeWords(a.at, at)}.</>}</p>;
    case 'cancelled':
      return null;
  }
}

function Planned({ a, id, t, order, may }: { a: Act; id: string; t: Ticket; order: Record<string, string>; may: boolean }) {
  const left = secondsTo(a.dueAt, Math.max(second.value, now()));
  return (
    <p class="desenlace">
      <Mark name="reloj" /><strong>{soon[a.verb]}{left > 0 ? '' : '…'}</strong>
      {a.refused && <span>{reasonWords(a.refused)}; se reintentará</span>}
      {left > 0 && may && (
        <button type="button" id={`deshacer-${id}`} class="deshacer" disabled={busy.value[t.id] !== undefined} onClick={() => void deed(t, 'cancel-act', id, order, 'Lo deshiciste.')}>
          Deshacer{left <= 60 ? ` (${left})` : ''}
        </button>
      )}
    </p>
  );
}

export function HideDialog({ t }: { t: Ticket }) {
  const id = target.value;
  const option = t.mentions.find((m) => m.id === id)?.may?.hide;
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState('');
  const send = async () => {
    if (!reason) {
      setWrong('Elige un motivo.');
      document.querySelector<HTMLElement>('[name=motivo-ocultar]')?.focus();
      return;
    }
    if (await deed(t, 'hide', id, { mention: id, reason }, option?.proposes ? 'Propusiste ocultarlo.' : 'Se ocultará.')) shut();
  };
  return (
    <Dialog title={option?.proposes ? 'Proponer ocultar' : 'Ocultar'} name="ocultar" close={shut}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <p>{option?.proposes ? 'Lo decide tu supervisor o supervisora.' : 'El público dejará de verlo; la persona y nosotros, no.'} No se oculta por ser crítico o molesto.</p>
        <fieldset class="clases" aria-describedby="error-ocultar">
          <legend>¿Por qué?</legend>
          {(option?.reasons ?? Object.keys(hideReasons)).map((one) => (
            <label key={one} class="casilla">
              <input type="radio" name="motivo-ocultar" checked={one === reason} onChange={() => { setReason(one); setWrong(''); }} /> <span>{hideReasons[one] ?? one}</span>
            </label>
          ))}
        </fieldset>
        <p id="error-ocultar" role="alert" class="aviso-texto malo">{wrong}</p>
        <Refusal t={t} />
        <p class="botones">
          <button type="submit" class="principal" disabled={Boolean(busy.value[t.id])}>{option?.proposes ? 'Proponer' : 'Ocultar'}</button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}

const word = 'borrar';

export function RemoveDialog({ t }: { t: Ticket }) {
  const id = target.value;
  const [confirm, setConfirm] = useState('');
  const [wrong, setWrong] = useState('');
  const send = async () => {
    if (confirm.trim().toLowerCase() !== word) {
      setWrong(`Escribe «${word}» para confirmar.`);
      document.getElementById('confirmar-borrar')?.focus();
      return;
    }
    if (await deed(t, 'remove', id, { reply: id, confirm }, 'La respuesta se borrará en la red.')) shut();
  };
  return (
    <Dialog title={`Borrar en ${networks[t.network]}`} name="borrar" close={shut}>
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <p>La respuesta desaparece de la red y no se puede recuperar. Aquí queda el registro de que se dio y se borró.</p>
        <label for="confirmar-borrar">Escribe «{word}»</label>
        <input id="confirmar-borrar" type="text" autocomplete="off" value={confirm} aria-invalid={wrong !== ''} aria-describedby="error-borrar" onInput={(event) => { setConfirm(event.currentTarget.value); setWrong(''); }} />
        <p id="error-borrar" role="alert" class="aviso-texto malo">{wrong}</p>
        <Refusal t={t} />
        <p class="botones">
          <button type="submit" class="principal" disabled={Boolean(busy.value[t.id])}>Borrar</button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}

/** The local time of the browser as a field of the page takes it. */
export const localTime = (at: number) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function RecordDialog({ t }: { t: Ticket }) {
  const [text, setText] = useState('');
  const [visibility, setVisibility] = useState<Visibility>(t.public ? 'public' : 'private');
  const [at, setAt] = useState('');
  const [link, setLink] = useState('');
  const notice = notices.value[t.id];
  const wrong = (field: string) => notice?.action === 'recorded' && notice.field === field;
  const send = async () => {
    // The field counts in minutes: an answer of the minute in which the person wrote came after it.
    const when = Math.max(Date.parse(at), Math.floor(Date.parse(t.openedAt) / 60_000) * 60_000 === Date.parse(at) ? Date.parse(t.openedAt) : 0);
    const order = { text: text.trim(), visibility, ...(link.trim() ? { link: link.trim() } : {}), ...(Number.isNaN(when) ? {} : { at: new Date(when).toISOString() }) };
    if (await record(t, order)) shut();
    else document.querySelector<HTMLElement>('dialog [aria-invalid=true]')?.focus();
  };
  return (
    <Dialog title="Registrar una respuesta dada fuera" name="registrar" close={shut}>
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <p>Para lo que ya respondiste en la aplicación de la red, por teléfono o por otro canal. Desde aquí no sale nada.</p>
        <label for="registrar-texto">Qué respondiste</label>
        <textarea id="registrar-texto" rows={3} value={text} aria-invalid={wrong('text')} aria-describedby="registrar-error" onInput={(event) => setText(event.currentTarget.value)} />
        <fieldset>
          <legend>Quién la leyó</legend>
          {(['public', 'private'] as const).map((v) => (
            <label key={v} class="casilla"><input type="radio" name="registrar-quien" checked={v === visibility} onChange={() => setVisibility(v)} /> <span>{v === 'public' ? 'Todo el mundo' : 'Solo la persona'}</span></label>
          ))}
        </fieldset>
        <label for="registrar-cuando">Cuándo (si no fue ahora)</label>
        <input id="registrar-cuando" type="datetime-local" value={at} max={localTime(now())} aria-invalid={wrong('at')} aria-describedby="registrar-error" onInput={(event) => setAt(event.currentTarget.value)} />
        <label for="registrar-enlace">Dónde se ve (opcional)</label>
        <input id="registrar-enlace" type="url" placeholder="https://…" value={link} aria-invalid={wrong('link')} aria-describedby="registrar-error" onInput={(event) => setLink(event.currentTarget.value)} />
        <div id="registrar-error"><Refusal t={t} /></div>
        <p class="botones">
          <button type="submit" class="principal" disabled={Boolean(busy.value[t.id])}>{busy.value[t.id] ? 'Guardando…' : 'Registrar'}</button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}
