/** What stands around the conversation: SIAC, the term, the class and why, and the bitácora. */
import { useState } from 'preact/hooks';
import { busy, undo, undoes } from '../acts';
import { lost } from '../cases';
import { moment, now, second, secondsTo } from '../clock';
import { count, dateOf, dayWords, fullWords, habiles, spanWords, timeWords } from '../dates';
import { candidates, choices, mostChoices } from '../doubt';
import { say } from '../focus';
import { lines, names } from '../history';
import { askSiac, correct, decideClass, shortcuts } from '../keys';
import { me } from '../me';
import type { Intent, Ticket } from '../types';
import { flagWords, intents, reasonWords, ruleWords, subtypeWords, topicWords } from '../words';
import { Due, IntentChip, useKeepFocus } from './bits';

export function Panel({ t }: { t: Ticket }) {
  return (
    <div class="costado">
      <Siac t={t} />
      <Term t={t} />
      <Class t={t} />
      <History t={t} />
    </div>
  );
}

function Siac({ t }: { t: Ticket }) {
  useKeepFocus('deshacer-siac', 'siac');
  const doing = busy.value[t.id];
  const may = t.may?.escalate;
  const pending = t.siac.state === 'pending';
  return (
    <section class="ficha" aria-labelledby="siac">
      <h2 id="siac" tabIndex={-1}>SIAC</h2>
      <SiacState t={t} />
      <div class="acciones">
        {pending && <UndoSiac t={t} />}
        {may?.allowed && (
          <button type="button" id="enviar-siac" disabled={Boolean(doing)} onClick={() => askSiac(t)}>
            {sendWords(t, doing === 'escalate')}
          </button>
        )}
      </div>
      {!may?.allowed && !pending && t.siac.state === 'none' && may?.why && <p class="por-que">{may.why}</p>}
    </section>
  );
}

function sendWords(t: Ticket, doing: boolean): string {
  if (lost(t)) return doing ? 'Buscando…' : 'Buscar de nuevo en SIAC';
  if (doing) return 'Enviando…';
  return t.siac.state === 'pending' ? 'Enviar ahora' : 'Enviar a SIAC';
}

function SiacState({ t }: { t: Ticket }) {
  const { state, reason, folio, filedAt, dueAt } = t.siac;
  switch (state) {
    case 'none':
      return <p>{reason === 'deshecho' ? 'Se deshizo el envío. El caso no está en SIAC.' : reason ? `SIAC no aceptó el caso: ${reasonWords(reason)}.` : 'El caso no está en SIAC.'}</p>;
    case 'not_applicable':
      return <p>{reason === 'denuncia_reservada' ? 'No va a SIAC: las denuncias siguen su canal reservado.' : 'No va a SIAC: es spam.'}</p>;
    case 'filed':
      return <p><strong>Folio <span class="folio">{folio}</span></strong> <Copy text={folio ?? ''} />{filedAt && <><br />Ingresado {timeWords(filedAt, moment.value)}.</>}</p>;
    case 'unknown':
      return lost(t)
        ? <p><strong>Por verificar.</strong> No sabemos si SIAC recibió el caso: lo buscamos y SIAC no respondió con claridad. Al buscarlo de nuevo, se ingresa solo si no está.</p>
        : <p><strong>Por verificar.</strong> No sabemos si SIAC recibió el caso y lo estamos buscando. No lo ingreses a mano todavía.</p>;
    case 'pending':
      return <Pending reason={reason} dueAt={dueAt} />;
  }
}

const why: Record<string, string> = {
  'E-1': 'Es un reclamo: se envía solo.',
  'E-2': 'Puede ser un reclamo. Decide tú; si nadie decide antes, se envía solo.',
  por_persona: 'Envío pedido por una persona.',
};

function Pending({ reason, dueAt }: { reason: string | undefined; dueAt: string | undefined }) {
  const left = secondsTo(dueAt, Math.max(second.value, now()));
  return (
    <p>
      <strong>Pendiente.</strong> {why[reason ?? ''] ?? (reason ? `${reasonWords(reason)}.` : '')}{' '}
      {left > 0 && dueAt ? <>Sale {left < 3600 ? <>en <span class="cuenta-atras">{spanWords(left)}</span></> : timeWords(dueAt, moment.value)}.</> : 'Enviando a SIAC…'}
    </p>
  );
}

function UndoSiac({ t }: { t: Ticket }) {
  const left = secondsTo(t.siac.dueAt, Math.max(second.value, now()));
  if (left === 0) return null;
  // The service undoes a reply that has not left before anything else.
  if (t.replies.some((r) => r.state === 'planned' || r.state === 'claimed')) return <p class="por-que">Para deshacer el envío, espera a que salga la respuesta o deshazla primero.</p>;
  if (!undoes(t)) return t.may?.undo?.why ? <p class="por-que">{t.may.undo.why}</p> : null;
  const doing = busy.value[t.id];
  return (
    <button type="button" id="deshacer-siac" class="deshacer" disabled={Boolean(doing)} onClick={() => void undo(t)}>
      {doing === 'undo' ? 'Deshaciendo…' : `Deshacer envío a SIAC${left <= 60 ? ` (${left})` : ''}`}
    </button>
  );
}

function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    say('Folio copiado.');
  };
  return <button type="button" class="como-enlace" onClick={() => void copy().catch(() => say('No se pudo copiar.'))}>{copied ? 'Copiado' : 'Copiar'}</button>;
}

const bases = { escrito: 'cuando escribió', recibido: 'cuando lo recibimos' };

function Term({ t }: { t: Ticket }) {
  const at = moment.value;
  return (
    <section class="ficha" aria-labelledby="plazo">
      <h2 id="plazo">Plazo</h2>
      {t.answeredAt
        ? <p>Respondido {timeWords(t.answeredAt, at)}.</p>
        : <p><Due t={t} /></p>}
      <p>Vence {dayWords(t.dueDate, at)}{t.term && <>: {habiles(t.term.days)} desde {dayWords(dateOf(t.term.from), at)}, {bases[t.term.basis]}</>}.</p>
      {t.term?.basis === 'recibido' && dateOf(t.openedAt) !== dateOf(t.term.from) && (
        <p>Escribió el {dayWords(dateOf(t.openedAt), at)}. Es tan antiguo que el plazo cuenta desde que lo recibimos.</p>
      )}
      <p class="nota">No cuentan sábados, domingos ni feriados. Lo que llega en uno de esos días se cuenta desde el día hábil siguiente.</p>
    </section>
  );
}

function Class({ t }: { t: Ticket }) {
  const { model, gestor, final, confidence, reasons, subtype } = t.intent;
  const may = t.may?.classify;
  return (
    <section class="ficha" aria-labelledby="clase">
      <h2 id="clase">Clase</h2>
      <p><IntentChip intent={final} /> {subtype && `(${subtypeWords(subtype)}) `}{gestor ? 'La decidió una persona.' : 'La propuso el clasificador.'}</p>
      {gestor && gestor !== model && <p>El clasificador proponía {intents[model].toLowerCase()}.</p>}
      <Doubt t={t} />
      {t.topics.length > 0 && <p>Temas: {t.topics.map(topicWords).join(', ')}.</p>}
      <details>
        <summary>Por qué</summary>
        <p>Puntaje de la propuesta: {String(Math.round(confidence * 100) / 100).replace('.', ',')}. Es orientativo: decide una persona.</p>
        {reasons && reasons.length > 0 && <ul class="reglas">{reasons.map((r) => <li key={r}>{ruleWords(r)}</li>)}</ul>}
        {t.flags.length > 0 && <ul>{t.flags.map((flag) => <li key={flag}>{flagWords(flag)}</li>)}</ul>}
      </details>
      {may?.allowed
        ? <p><button type="button" id="corregir" disabled={Boolean(busy.value[t.id])} onClick={() => correct()}>Corregir clase</button></p>
        : may?.why && <p class="por-que">{may.why}</p>}
      {final === 'spam' && may?.allowed && <p class="nota">El spam se puede recuperar: corrige la clase y el caso vuelve a su lugar en la cola.</p>}
    </section>
  );
}

/** What the classifier does not know: between two or three classes a person decides with one key; among more it proposes none. */
function Doubt({ t }: { t: Ticket }) {
  const all = candidates(t);
  const words = (some: Intent[]) => some.map((one) => intents[one].toLowerCase()).join(', ');
  if (t.intent.gestor || all.length === 1) return null;
  if (all.length > mostChoices) return <p>No hay una propuesta clara. Puede ser {words(all)}.</p>;
  const mine = choices(t);
  if (mine.length === 0) return <p>También podría ser {words(all.slice(1))}.</p>;
  return (
    <div role="group" aria-labelledby="eleccion">
      <p id="eleccion">El clasificador duda. ¿Cuál es?</p>
      <p class="botones eleccion">
        {mine.map((one, i) => (
          <button type="button" key={one} aria-keyshortcuts={shortcuts.value ? String(i + 1) : undefined} disabled={Boolean(busy.value[t.id])} onClick={() => decideClass(t, one)}>
            {intents[one]}{shortcuts.value && <> <kbd aria-hidden="true">{i + 1}</kbd></>}
          </button>
        ))}
      </p>
    </div>
  );
}

function History({ t }: { t: Ticket }) {
  const told = lines(t.events ?? [], names(t, me.value!));
  const received = t.term?.basis === 'recibido' ? t.term.from : '';
  return (
    <section class="ficha" aria-labelledby="historia">
      <h2 id="historia">Historia</h2>
      <details>
        <summary>{count(told.length, 'anotación', 'anotaciones')} en la bitácora</summary>
        <ol class="historia">
          {told.map((line) => (
            <li key={line.version}>
              <time dateTime={line.at} title={line.title}>{timeWords(line.at, moment.value)}</time>{' '}
              <strong><bdi>{line.who}</bdi></strong> {line.deed}.
            </li>
          ))}
        </ol>
      </details>
      <dl class="datos">
        {received !== t.openedAt && <><dt>Escribió</dt><dd>{fullWords(t.openedAt)}</dd></>}
        {received && <><dt>Recibido</dt><dd>{fullWords(received)}</dd></>}
        <dt>Mensajes</dt><dd>{t.mentionCount}</dd>
      </dl>
    </section>
  );
}
