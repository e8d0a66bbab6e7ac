/** Where a reply is written, public or private. Its text is kept until the service has it, and comes back when it did not go out. */
import { useState } from 'preact/hooks';
import { busy, notices, reply, type SendAt } from '../acts';
import { moment } from '../clock';
import { choose, chosen, draft, setDraft } from '../drafts';
import { number, timeWords } from '../dates';
import { caseTitleId, composerId, focusSoon } from '../focus';
import { dialog } from '../keys';
import { personal } from '../pii';
import type { Answer, Ticket, Unit, Visibility } from '../types';
import { length } from '../weight';
import { networks, unitWords, visibilityWords } from '../words';
import { NoticeBox } from './Case';
import { Mark } from './icons';
import { later, Waiting } from './Later';

const delay = later(() => import('../publish/ui/Delay'));
const templates = later(() => import('../publish/ui/Template'));

export function Composer({ t }: { t: Ticket }) {
  const text = draft(t.id).value;
  const [filling, setFilling] = useState(false);
  const option = t.may?.reply;
  const answers: Record<Visibility, Answer> = {
    public: option?.public ?? option ?? { allowed: false }, private: option?.private ?? { allowed: false },
  };
  const fallback: Visibility = option?.private && !answers.public.allowed && (answers.private.allowed || !t.public) ? 'private' : 'public';
  const visibility = chosen(t.id).value || fallback;
  const notice = notices.value[t.id];
  const answer = answers[visibility];
  const both = Boolean(answers.public.limit && answers.private.limit);
  return (
    <section class="redaccion" aria-labelledby="titulo-redactor">
      <h2 id="titulo-redactor">Respuesta {visibilityWords[visibility]} en {networks[t.network]}</h2>
      {notice?.action === 'reply' && <NoticeBox id={t.id} n={notice} />}
      {both && option?.allowed && <Choice id={t.id} answers={answers} visibility={visibility} />}
      {filling && answer.template ? <Waiting from={templates} small show={({ TemplateReply }) => <TemplateReply t={t} sending={busy.value[t.id] === 'reply'} go={reply} close={() => { setFilling(false); focusSoon('usar-plantilla'); }} />} /> : answer.allowed ? <Form key={visibility} t={t} text={text} visibility={visibility} answer={answer} /> : <Closed t={t} text={text} why={answer.why ?? option?.why ?? ''} link={answer.link} />}
      {answer.template && !filling && <p class="fuera"><button type="button" id="usar-plantilla" onClick={() => setFilling(true)}>Usar plantilla</button></p>}
      {t.may?.recorded?.allowed && (
        <p class="fuera"><button type="button" class="como-enlace" onClick={() => (dialog.value = 'registrar')}>Registrar una respuesta dada fuera</button></p>
      )}
    </section>
  );
}

const readers: { visibility: Visibility; label: string; who: string }[] = [
  { visibility: 'public', label: 'Pública', who: 'la lee todo el mundo' },
  { visibility: 'private', label: 'Privada', who: 'la lee solo la persona' },
];

/** Who is to read the reply. One that cannot be given now stays there, with the reason. */
function Choice({ id, answers, visibility }: { id: string; answers: Record<Visibility, Answer>; visibility: Visibility }) {
  return (
    <fieldset class="lectores">
      <legend>Quién lee la respuesta</legend>
      {readers.map((r) => (
        <div key={r.visibility}>
          <label>
            <input
              type="radio" name={`lectores-${id}`} value={r.visibility} checked={visibility === r.visibility} disabled={!answers[r.visibility].allowed}
              aria-describedby={answers[r.visibility].allowed ? undefined : `por-que-${r.visibility}`} onChange={() => choose(id, r.visibility)}
            /> {r.label}: {r.who}
          </label>
          {!answers[r.visibility].allowed && <p id={`por-que-${r.visibility}`} class="por-que">{answers[r.visibility].why}</p>}
        </div>
      ))}
    </fieldset>
  );
}

/** Why nothing can be written; a text that was begun stays readable. */
function Closed({ t, text, why, link }: { t: Ticket; text: string; why: string; link: string | undefined }) {
  return (
    <>
      <p class="por-que">{why}{link && <> <There t={t} link={link} /></>}</p>
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

/** Where to go on in the network's own application. */
function There({ t, link }: { t: Ticket; link: string }) {
  if (!/^https:\/\//.test(link)) return null;
  return <a href={link} target="_blank" rel="noreferrer noopener">Abrir en {networks[t.network]}<span class="oculto"> (en otra pestaña)</span></a>;
}

/** What the person should know before the text goes out. */
function warnings(t: Ticket, text: string, visibility: Visibility): string[] {
  const found = (visibility === 'private' ? [] : personal(text)).map((what) => `El texto parece mostrar ${what}. Una respuesta pública la lee todo el mundo.`);
  const twin = t.replies.some((r) => r.text.trim() === text.trim() && ['planned', 'claimed', 'sent', 'unknown'].includes(r.state));
  if (twin) found.push('Ya hay una respuesta con este mismo texto.');
  return found;
}

const placeholders: Record<Visibility, string> = {
  public: 'Escribe aquí. Lo lee todo el mundo: no pidas ni muestres datos personales.', private: 'Escribe aquí. Lo lee solo la persona.',
};

function Form({ t, text, visibility, answer }: { t: Ticket; text: string; visibility: Visibility; answer: Answer }) {
  const [asked, setAsked] = useState('');
  const sending = busy.value[t.id] === 'reply';
  const unit: Unit = answer.unit ?? 'characters';
  const left = (answer.limit ?? 0) - length(unit, text);
  const moved = notices.value[t.id]?.kind === 'cambio' && notices.value[t.id]?.action === 'reply';
  const told = warnings(t, text, visibility);
  if (moved) told.push('El caso cambió mientras escribías: revísalo antes de enviar.');
  const [wrong, setWrong] = useState('');
  /** An hour to send at: undefined for now, empty while none is chosen. */
  const [at, setAt] = useState<SendAt | ''>();
  const send = (sure: boolean) => {
    if (sending) return;
    const problem = !text.trim() ? 'Escribe un texto antes de enviar.' : left < 0 ? `Sobran ${number(-left)} ${unitWords[unit]}. Acorta el texto.` : at === '' ? 'Elige cuándo sale, o envíala ahora.' : '';
    setWrong(problem);
    if (problem) return focusSoon(composerId);
    if (told.length > 0 && !sure) {
      setAsked(text);
      return focusSoon('corregir-texto');
    }
    setAsked('');
    void reply(t, text, visibility, at || undefined).then((ok) => ok && setAt(undefined));
  };
  const asking = asked !== '' && asked === text && told.length > 0;
  return (
    <form onSubmit={(event) => { event.preventDefault(); send(false); }}>
      <label class="oculto" for={composerId}>Texto de la respuesta {visibilityWords[visibility]}</label>
      <textarea
        id={composerId} value={text} rows={4} dir="auto" readOnly={sending} aria-invalid={wrong !== '' || left < 0}
        aria-describedby="cuenta-redactor plazo-redactor avisos-redactor" placeholder={placeholders[visibility]}
        onInput={(event) => { setDraft(t.id, event.currentTarget.value); setWrong(''); }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send(false);
        }}
      />
      <p id="plazo-redactor" class="cuenta-texto">
        {answer.until && <>Puedes responder así hasta: {timeWords(answer.until, moment.value)}. </>}{answer.note}{answer.link && <> <There t={t} link={answer.link} /></>}
      </p>
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
      {at !== undefined && <Waiting from={delay} small show={({ Delay }) => <Delay until={answer.until} network={t.network} set={setAt} close={() => { setAt(undefined); focusSoon('enviar-despues'); }} />} />}
      <div class="redaccion-pie">
        <p id="cuenta-redactor" class={left < 0 ? 'cuenta-texto malo' : 'cuenta-texto'}>
          {left < 0 ? `Sobran ${number(-left)} ${unitWords[unit]}` : `Quedan ${number(left)} ${unitWords[unit]}`}
        </p>
        <p class="botones">
          {at === undefined && <button type="button" id="enviar-despues" onClick={() => setAt('')}>Enviar después…</button>}
          <button type="submit" class="principal" disabled={sending} aria-keyshortcuts="Control+Enter">{sending ? 'Enviando…' : at ? 'Programar' : 'Responder'}</button>
        </p>
      </div>
    </form>
  );
}
