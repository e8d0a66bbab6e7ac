/** Where the public reply is written. Its text is kept until the service has it, and comes back when it did not go out. */
import { useState } from 'preact/hooks';
import { busy, notices, reply } from '../acts';
import { draft, setDraft } from '../drafts';
import { number } from '../dates';
import { caseTitleId, composerId, focusSoon } from '../focus';
import { personal } from '../pii';
import type { Ticket } from '../types';
import { networks } from '../words';
import { NoticeBox } from './Case';
import { Mark } from './icons';

export function Composer({ t }: { t: Ticket }) {
  const text = draft(t.id).value;
  const option = t.may?.reply;
  const notice = notices.value[t.id];
  return (
    <section class="redaccion" aria-labelledby="titulo-redactor">
      <h2 id="titulo-redactor">Respuesta pública en {networks[t.network]}</h2>
      {notice?.action === 'reply' && <NoticeBox id={t.id} n={notice} />}
      {option?.allowed ? <Form t={t} text={text} limit={option.limit ?? 0} /> : <Closed t={t} text={text} why={option?.why ?? ''} />}
    </section>
  );
}

/** Why nothing can be written; a text that was begun stays readable. */
function Closed({ t, text, why }: { t: Ticket; text: string; why: string }) {
  return (
    <>
      <p class="por-que">{why}</p>
      {text && (
        <div class="borrador">
          <label for="borrador">Tu borrador, sin enviar</label>
          <textarea id="borrador" readOnly value={text} rows={3} />
          <button type="button" onClick={() => { setDraft(t.id, ''); focusSoon(caseTitleId); }}>Descartar el borrador</button>
        </div>
      )}
    </>
  );
}

/** What the person should know before the text goes out. */
function warnings(t: Ticket, text: string): string[] {
  const found = personal(text).map((what) => `El texto parece mostrar ${what}. Una respuesta pública la lee todo el mundo.`);
  const twin = t.replies.some((r) => r.text.trim() === text.trim() && ['planned', 'claimed', 'sent', 'unknown'].includes(r.state));
  if (twin) found.push('Ya hay una respuesta con este mismo texto.');
  return found;
}

function Form({ t, text, limit }: { t: Ticket; text: string; limit: number }) {
  const [asked, setAsked] = useState('');
  const sending = busy.value[t.id] === 'reply';
  const left = limit - [...text].length;
  const moved = notices.value[t.id]?.kind === 'cambio' && notices.value[t.id]?.action === 'reply';
  const told = warnings(t, text);
  if (moved) told.push('El caso cambió mientras escribías: revísalo antes de enviar.');
  const [wrong, setWrong] = useState('');
  const send = (sure: boolean) => {
    if (sending) return;
    const problem = !text.trim() ? 'Escribe un texto antes de enviar.' : left < 0 ? `Sobran ${number(-left)} caracteres. Acorta el texto.` : '';
    setWrong(problem);
    if (problem) return focusSoon(composerId);
    if (told.length > 0 && !sure) {
      setAsked(text);
      return focusSoon('corregir-texto');
    }
    setAsked('');
    void reply(t, text);
  };
  const asking = asked !== '' && asked === text && told.length > 0;
  return (
    <form onSubmit={(event) => { event.preventDefault(); send(false); }}>
      <label class="oculto" for={composerId}>Texto de la respuesta pública</label>
      <textarea
        id={composerId} value={text} rows={4} dir="auto" readOnly={sending} aria-invalid={wrong !== '' || left < 0}
        aria-describedby="cuenta-redactor avisos-redactor" placeholder="Escribe aquí. Lo lee todo el mundo: no pidas ni muestres datos personales."
        onInput={(event) => { setDraft(t.id, event.currentTarget.value); setWrong(''); }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send(false);
        }}
      />
      <div id="avisos-redactor" role="status" class="avisos">
        {wrong && <p class="aviso-texto malo"><Mark name="alerta" />{wrong}</p>}
        {told.map((line) => <p key={line} class="aviso-texto"><Mark name="alerta" />{line}</p>)}
      </div>
      {asking && (
        <div class="aviso cambio" role="alert">
          <p><strong>¿Enviar de todos modos?</strong></p>
          <p class="botones">
            <button type="button" id="corregir-texto" class="principal" onClick={() => { setAsked(''); focusSoon(composerId); }}>Corregir el texto</button>
            <button type="button" onClick={() => send(true)}>Enviar igual</button>
          </p>
        </div>
      )}
      <div class="redaccion-pie">
        <p id="cuenta-redactor" class={left < 0 ? 'cuenta-texto malo' : 'cuenta-texto'}>
          {left < 0 ? `Sobran ${number(-left)} caracteres` : `Quedan ${number(left)} caracteres`}
        </p>
        <button type="submit" class="principal" disabled={sending} aria-keyshortcuts="Control+Enter">{sending ? 'Enviando…' : 'Responder'}</button>
      </div>
    </form>
  );
}
