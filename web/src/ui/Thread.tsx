/** What the person wrote and what we answered, in the order of time. */
import type { ComponentChildren } from 'preact';
import { busy, cancelReply, giveBack, outcomes, plannedReply, settle, textId, undo, undoes, waitsFor, type Outcome as Ending } from '../acts';
import { moment, now, second, secondsTo } from '../clock';
import { fullWords, leaveWords, timeWords } from '../dates';
import type { Attachment, Mention, Reply, Ticket } from '../types';
import { failedMedia, openMedia } from '../media';
import { networks, reasonWords, receipts, replyStates, reserved, textOf } from '../words';
import { Age, Name, useKeepFocus } from './bits';
import { Acts, MentionMenu, ReplyMenu } from './Deeds';
import { Mark } from './icons';

export function Thread({ t }: { t: Ticket }) {
  const items = [
    ...t.mentions.map((m) => ({ key: `m${m.id}`, at: m.at, view: <MentionView m={m} t={t} /> })),
    ...t.replies.map((r) => ({ key: `r${r.id}`, at: r.sentAt ?? r.plannedAt, view: <ReplyView r={r} t={t} /> })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <section aria-labelledby="titulo-hilo" class="hilo">
      <h2 id="titulo-hilo" class="oculto">Conversación</h2>
      {t.masked && <p class="nota">Los datos personales van ocultos. Quien tiene el caso lee el texto completo.</p>}
      <ol>{items.map((item) => <li key={item.key}>{item.view}</li>)}</ol>
    </section>
  );
}

function MentionView({ m, t }: { m: Mention; t: Ticket }) {
  return (
    <article class="mensaje de-persona" id={textId(m.id)} tabIndex={-1}>
      <header>
        <Name t={t} /><span>{m.public ? 'en público' : 'en privado'}</span><Age at={m.at} />
        {m.flags?.includes('manual') && <span class="marca-texto">Ingresado a mano</span>}
        {m.flags?.includes('hidden') && <span class="marca-texto">Oculto en la red</span>}
        {m.editedAt && <span class="marca-texto">Editado {timeWords(m.editedAt, moment.value)}</span>}
      </header>
      {m.deleted
        ? <p class="borrado">La persona borró este mensaje en {networks[t.network]}.</p>
        : <p class="texto" dir="auto">{textOf(m, t.network)}</p>}
      {m.attachments.length > 0 && <ul class="adjuntos">{m.attachments.map((a, i) => <li key={i}><AttachmentLink a={a} t={t} /></li>)}</ul>}
      <Acts acts={m.acts ?? []} id={m.id} t={t} may={m.may} />
      <MentionMenu m={m} t={t} />
    </article>
  );
}

const kinds: Record<string, string> = {
  image: 'Imagen', photo: 'Foto', video: 'Video', audio: 'Audio', file: 'Archivo', sticker: 'Sticker', share: 'Publicación compartida',
  link: 'Enlace', media: 'Publicación', location: 'Ubicación', contact: 'Contacto', order: 'Pedido', referral: 'Aviso por el que llegó',
  reel: 'Reel', ig_reel: 'Reel', ig_post: 'Publicación', ig_story: 'Historia', story: 'Historia', story_mention: 'Historia que nos menciona',
  template: 'Plantilla', fallback: 'Enlace', evidence: 'Evidencia', voice: 'Audio', document: 'Documento', animated_gif: 'GIF',
};

function AttachmentLink({ a, t }: { a: Attachment; t: Ticket }) {
  const name = kinds[a.type] ?? `Adjunto (${a.type})`;
  const copy = a.media;
  if (copy?.state === 'waiting') return <>{name}: lo estamos copiando</>;
  if (copy?.state === 'stored') {
    return (
      <>
        <button type="button" class="como-enlace" onClick={() => void openMedia(t, copy.n)}>{name}<span class="oculto"> (abre la copia guardada en otra pestaña)</span></button>
        {failedMedia.value?.n === copy.n && <span class="aviso-texto malo">{failedMedia.value.words}</span>}
      </>
    );
  }
  if (copy?.state === 'lost' && !a.url) return <>{name}: la red lo borró antes de que lo copiáramos</>;
  // Only addresses of the web become links: a citizen's attachment must not run anything.
  if (!a.url || !/^https?:\/\//i.test(a.url)) return <>{name}, sin dirección</>;
  return <a href={a.url} target="_blank" rel="noreferrer noopener">{name}<span class="oculto"> (se abre en otra pestaña, fuera de la consola)</span></a>;
}

function ReplyView({ r, t }: { r: Reply; t: Ticket }) {
  const cardId = textId(r.id);
  return (
    <article class={`mensaje nuestro estado-${r.state}`} id={cardId} tabIndex={-1}>
      <header>
        <span class="persona">SENCE</span><span>{r.origin === 'native' ? 'respondió en la aplicación de la red' : <>{r.origin === 'registered' ? 'registró' : 'escribió'} <bdi>{r.authorName || r.author}</bdi></>}</span>{r.visibility === 'private' && <span>en privado</span>}{r.template && <span>con una plantilla</span>}
        <time dateTime={r.plannedAt} title={fullWords(r.plannedAt)}>{timeWords(r.plannedAt, moment.value)}</time>
      </header>
      <p class="texto" dir="auto">{r.text || 'Sin texto'}</p>
      <Outcome r={r} t={t} cardId={cardId} />
      {r.removed && <Acts acts={[r.removed]} id={r.id} t={t} may={r.may} reply />}
      {r.removedAt && r.removed?.state !== 'done' && <p class="desenlace"><Mark name="alerta" /><strong>Borrada en la red</strong> <span>{timeWords(r.removedAt, moment.value)}</span></p>}
      <ReplyMenu r={r} t={t} />
    </article>
  );
}

function Outcome({ r, t, cardId }: { r: Reply; t: Ticket; cardId: string }) {
  switch (r.state) {
    case 'planned':
    case 'claimed':
      return <Leaving r={r} t={t} cardId={cardId} />;
    case 'sent':
      return (
        <State r={r} icon="listo" words={r.origin === 'registered' ? 'Dada fuera' : receipts[r.receipt ?? ''] ?? replyStates.sent}>
          {r.sentAt ? timeWords(r.sentAt, moment.value) : ''}{r.receiptAt && r.receipt !== 'sent' && `; ${(receipts[r.receipt ?? ''] ?? '').toLowerCase()} ${timeWords(r.receiptAt, moment.value)}`}
          {r.editedAt && `; cambió en la red ${timeWords(r.editedAt, moment.value)}`}
        </State>
      );
    case 'unknown':
      return <><State r={r} icon="alerta">{r.reason === 'no_encontrada' ? `La buscamos en ${networks[t.network]} y no apareció. Mira allá y decide.` : `La estamos buscando en ${networks[t.network]}. No la escribas de nuevo hasta saberlo.`}</State><Settle r={r} t={t} /></>;
    case 'refused':
    case 'expired':
      return <><State r={r} icon="alerta">{reasonWords(r.reason)} <Recover r={r} t={t} /></State><Settle r={r} t={t} /></>;
    case 'cancelled':
      return <State r={r} icon="listo">No salió. <Recover r={r} t={t} /></State>;
  }
}

function State({ r, icon, words, children }: { r: Reply; icon: 'listo' | 'alerta' | 'reloj'; words?: string; children?: ComponentChildren }) {
  return <p class="desenlace"><Mark name={icon} /><strong>{words ?? (r.reason === reserved.code ? 'No salió' : replyStates[r.state])}</strong> <span>{children}</span></p>;
}

/** What a person may decide of a reply that failed, or of which nobody knows. */
function Settle({ r, t }: { r: Reply; t: Ticket }) {
  const { allowed, reasons = [] } = r.may?.settle ?? {};
  const offered = (Object.keys(outcomes) as Ending[]).filter((one) => reasons.includes(one));
  if (!allowed || offered.length === 0) return null;
  return (
    <p class="botones">
      {offered.map((one) => <button key={one} type="button" disabled={Boolean(busy.value[t.id])} onClick={() => void settle(t, r, one)}>{outcomes[one][0]}<span class="oculto">: la respuesta</span></button>)}
    </p>
  );
}

function Recover({ r, t }: { r: Reply; t: Ticket }) {
  if (!t.may?.reply?.allowed || r.template) return null;
  return <button type="button" class="como-enlace" onClick={() => giveBack(t.id, r)}>Llevar el texto al redactor</button>;
}

const undoId = 'deshacer-respuesta';

/** A reply that has not left: how long it can be undone, or that it is leaving. */
function Leaving({ r, t, cardId }: { r: Reply; t: Ticket; cardId: string }) {
  useKeepFocus(undoId, cardId);
  const left = r.state === 'planned' ? secondsTo(r.dueAt, Math.max(second.value, now())) : 0;
  const last = plannedReply(t)?.id === r.id;
  const doing = busy.value[t.id];
  const retry = Boolean(r.reason);
  if (waitsFor(r) && left > 0) {
    return (
      <p class="desenlace">
        <Mark name="reloj" /><strong>Sale {leaveWords(r.sendAt ?? r.dueAt, moment.value)}</strong>
        {r.note && <span>{r.note}</span>}
        {r.may?.cancel?.allowed && (
          <>
            <button type="button" id={last ? undoId : undefined} class="como-enlace" disabled={Boolean(doing)} onClick={() => void cancelReply(t, r, false)}>Cancelar<span class="oculto"> la respuesta</span></button>
            {!r.template && <button type="button" class="como-enlace" disabled={Boolean(doing)} onClick={() => void cancelReply(t, r, true)}>Editar<span class="oculto"> la respuesta</span></button>}
          </>
        )}
      </p>
    );
  }
  return (
    <p class="desenlace">
      <Mark name="reloj" />
      <strong>{left > 0 ? (retry ? 'Se reintentará' : 'Por salir') : 'Saliendo…'}</strong>
      {retry && <span>{reasonWords(r.reason)}; próximo intento {timeWords(r.dueAt, moment.value)}</span>}
      {left > 0 && last && undoes(t) === 'reply' && (
        <button type="button" id={undoId} class="deshacer" disabled={Boolean(doing)} onClick={() => void undo(t)}>
          {doing === 'undo' ? 'Deshaciendo…' : `Deshacer respuesta${retry ? '' : ` (${left})`}`}
        </button>
      )}
    </p>
  );
}
