/** What stands around the conversation: SIAC, the term, the class and why, and the bitácora. */
import { useState } from 'preact/hooks';
import { busy, plannedReply, undo } from '../acts';
import { moment, now, second, secondsTo } from '../clock';
import { count, dateOf, dayWords, fullWords, habiles, spanWords, timeWords } from '../dates';
import { say } from '../focus';
import { lines, names } from '../history';
import { dialog } from '../keys';
import { me } from '../me';
import type { Intent, Ticket } from '../types';
import { flagWords, intents, reasonWords, ruleWords, terms, topicWords } from '../words';
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
          <button type="button" id="enviar-siac" disabled={Boolean(doing)} onClick={() => (dialog.value = 'siac')}>
            {doing === 'escalate' ? 'Enviando…' : pending ? 'Enviar ahora' : 'Enviar a SIAC'}
          </button>
        )}
      </div>
      {!may?.allowed && !pending && t.siac.state === 'none' && may?.why && <p class="por-que">{may.why}</p>}
    </section>
  );
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
      return <p><strong>Por verificar.</strong> No sabemos si SIAC recibió el caso y lo estamos buscando. No lo ingreses a mano todavía.</p>;
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
  if (plannedReply(t)) return <p class="por-que">Para deshacer el envío, espera a que salga la respuesta o deshazla primero.</p>;
  if (!t.may?.undo?.allowed) return t.may?.undo?.why ? <p class="por-que">{t.may.undo.why}</p> : null;
  const doing = busy.value[t.id];
  return (
    <button type="button" id="deshacer-siac" class="deshacer" disabled={Boolean(doing)} onClick={() => void undo(t)}>
      {doing === 'undo' ? 'Deshaciendo…' : left <= 60 ? `Deshacer envío (${left})` : 'Deshacer envío'}
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

function Term({ t }: { t: Ticket }) {
  const at = moment.value;
  return (
    <section class="ficha" aria-labelledby="plazo">
      <h2 id="plazo">Plazo</h2>
      {t.answeredAt
        ? <p>Respondido {timeWords(t.answeredAt, at)}.</p>
        : <p><Due t={t} /></p>}
      <p>Vence {dayWords(t.dueDate, at)}: {habiles(terms[t.intent.final])} desde {dayWords(dateOf(t.openedAt), at)}, cuando escribió.</p>
      <p class="nota">No cuentan sábados, domingos ni feriados. Lo escrito en uno de esos días se toma como escrito el día hábil siguiente.</p>
    </section>
  );
}

function Class({ t }: { t: Ticket }) {
  const { model, gestor, final, confidence, set, reasons } = t.intent;
  const others = set.filter((one) => one !== final);
  const may = t.may?.classify;
  return (
    <section class="ficha" aria-labelledby="clase">
      <h2 id="clase">Clase</h2>
      <p><IntentChip intent={final} /> {gestor ? 'La decidió una persona.' : 'La propuso el clasificador.'}</p>
      {gestor && gestor !== model && <p>El clasificador proponía {intents[model].toLowerCase()}.</p>}
      {others.length > 0 && !gestor && <p>También podría ser {others.map((one: Intent) => intents[one].toLowerCase()).join(', ')}.</p>}
      {t.topics.length > 0 && <p>Temas: {t.topics.map(topicWords).join(', ')}.</p>}
      <details>
        <summary>Por qué</summary>
        <p>Puntaje de la propuesta: {String(Math.round(confidence * 100) / 100).replace('.', ',')}. Es orientativo, no una probabilidad medida.</p>
        {reasons && reasons.length > 0 && <ul class="reglas">{reasons.map((r) => <li key={r}>{ruleWords(r)}</li>)}</ul>}
        {t.flags.length > 0 && <ul>{t.flags.map((flag) => <li key={flag}>{flagWords(flag)}</li>)}</ul>}
      </details>
      {may?.allowed
        ? <p><button type="button" id="corregir" disabled={Boolean(busy.value[t.id])} onClick={() => (dialog.value = 'clase')}>Corregir clase</button></p>
        : may?.why && <p class="por-que">{may.why}</p>}
      {final === 'spam' && may?.allowed && <p class="nota">El spam se puede recuperar: corrige la clase y el caso vuelve a su lugar en la cola.</p>}
    </section>
  );
}

function History({ t }: { t: Ticket }) {
  const told = lines(t.events ?? [], names(t, me.value!));
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
        <dt>Ingresó</dt><dd>{fullWords(t.openedAt)}</dd>
        <dt>Mensajes</dt><dd>{t.mentionCount}</dd>
      </dl>
    </section>
  );
}
