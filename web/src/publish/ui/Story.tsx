/** How a publication stands: where it is, who let it out, what became of it on each network, and what was done with it. */
import { useState } from 'preact/hooks';
import { moment } from '../../clock';
import { count, fullWords, number, timeWords } from '../../dates';
import { focusSoon, say, titleId } from '../../focus';
import { dialog } from '../../keys';
import { me } from '../../me';
import type { Network } from '../../types';
import { Dialog } from '../../ui/bits';
import { NetworkName } from '../../ui/icons';
import { networks } from '../../words';
import { go } from '../go';
import { localOf, partOf, targetsOf } from '../grid';
import { postLines } from '../history';
import { ScopeChoice } from './MoveDialog';
import { ReasonDialog } from './ReasonDialog';
import { Draw, StateTag, WrongBox } from './pieces';
import { act, doing, known, remove } from '../posts';
import { Preview } from './Preview';
import { recurrenceWords } from '../scope';
import type { Figures, Post, Scope, Target } from '../types';
import { dateOf, home, wallOf, whenWords, zoneWords } from '../wall';
import { allowed, postReason, whyNot } from '../words';

export const authorName = (p: Post) => (p.author.id === me.value?.id ? 'Tú' : p.author.name || p.author.id);

export function Story({ p, brief }: { p: Post; brief?: boolean }) {
  const today = dateOf(wallOf(moment.value));
  const local = localOf(p);
  return (
    <div class="pub-historia">
      <p class="caso-senas"><StateTag state={p.state} />{p.publishAt?.now ? <span>Apenas la aprueben</span> : local ? <span>{whenWords(local, today)}, {zoneWords(p.publishAt?.zone || home)}</span> : <span>Sin fecha</span>}
        <span>Escribió: <bdi>{authorName(p)}</bdi></span>{p.series && <span>Serie{p.recurrence && `: ${recurrenceWords(p.recurrence)}`}</span>}</p>
      {p.approval && <p><Draw name="listo" />{p.approval.emergency ? 'Publicada por emergencia por ' : 'Aprobada por '}<bdi>{p.approval.by === me.value?.id ? 'ti' : p.approval.name || p.approval.by}</bdi>, {timeWords(p.approval.at, moment.value)}.{p.approval.reason && ` Motivo: ${p.approval.reason}`}</p>}
      {p.reason && <p class="aviso cambio"><strong>{p.state === 'rejected' ? 'Qué hay que cambiar:' : 'Motivo:'}</strong> {postReason(p.reason)}</p>}
      <Targets p={p} />
      {!brief && (
        <>
          {whyNot(p.may?.edit) && <p class="por-que">{whyNot(p.may?.edit)}</p>}
          <WrongBox id={p.id} />
          <p class="botones"><Actions p={p} /></p>
          <div class="previas-fila">{p.networks.map((n) => { const part = partOf(p, n); return <Preview key={n} network={n} text={part.text} link={part.link} media={part.media} account={p.targets?.[n]?.account} />; })}</div>
          <PostDialogs p={p} />
        </>
      )}
      {p.events && p.events.length > 0 && (
        <details>
          <summary>Historia ({p.events.length})</summary>
          <ol class="historia">{postLines(p.events, me.value!).map((l, i) => <li key={i}><time dateTime={l.at} title={l.title}>{timeWords(l.at, moment.value)}</time> <bdi>{l.who}</bdi> {l.deed}</li>)}</ol>
        </details>
      )}
    </div>
  );
}

/** How it stands on each network, once it is planned. */
function Targets({ p }: { p: Post }) {
  const found = targetsOf(p);
  if (found.length === 0) return null;
  return <ul class="destinos">{found.map(({ name, network, target }) => <li key={name}><TargetLine network={network} t={target} /></li>)}</ul>;
}

function TargetLine({ network, t }: { network: Network; t: Target }) {
  const at = moment.value;
  return (
    <>
      <NetworkName network={network} /> <StateTag state={t.state} />
      {t.sentAt && <> <time dateTime={t.sentAt} title={fullWords(t.sentAt)}>{timeWords(t.sentAt, at)}</time></>}
      {t.reason && t.state !== 'sent' && <> {postReason(t.reason)}{t.due && t.state === 'planned' && `; próximo intento ${timeWords(t.due, at)}`}</>}
      {t.resent && <> Salió por segunda vez: nadie la encontraba.</>}
      {t.editedAt && <> Cambió en la red {timeWords(t.editedAt, at)}.</>}
      {t.removedAt && <> <strong>La borraron en la red {timeWords(t.removedAt, at)}.</strong></>}
      {t.url && /^https:\/\//.test(t.url) && <> <a href={t.url} target="_blank" rel="noreferrer noopener">Ver en {networks[network]}<span class="oculto"> (en otra pestaña)</span></a></>}
      {t.figures && <FiguresLine f={t.figures} />}
      {['unknown', 'refused', 'expired'].includes(t.state) && <> <a href="/fallas" data-dentro>Decidir en Fallas</a></>}
    </>
  );
}

function FiguresLine({ f }: { f: Figures }) {
  const all: [number | undefined, string, string][] = [[f.views, 'vista', 'vistas'], [f.reactions, 'reacción', 'reacciones'], [f.comments, 'comentario', 'comentarios'], [f.shares, 'vez compartida', 'veces compartida'], [f.clicks, 'clic', 'clics']];
  const told = all.filter(([n]) => n !== undefined).map(([n, one, many]) => (n === 0 ? `${number(0)} ${many}` : count(n!, one, many)));
  return told.length > 0 ? <span class="nota"> {told.join(', ')} (contado {timeWords(f.at, moment.value)})</span> : null;
}

/** What else may be done with it. */
export function Actions({ p }: { p: Post }) {
  const busy = doing.value !== '';
  const copy = async () => {
    const made = await act(p, 'copy');
    if (!made) return;
    go(`/publicaciones/${encodeURIComponent(made.id)}`);
    say('Hiciste una copia. Ponle fecha y revísala.');
    focusSoon(titleId);
  };
  return (
    <>
      {allowed(p.may?.copy) && <button type="button" disabled={busy} onClick={() => void copy()}>Hacer una copia</button>}
      {allowed(p.may?.review) && <button type="button" disabled={busy} onClick={() => void act(p, 'review').then((done) => done && say('La marcaste como revisada.'))}>Marcar como revisada</button>}
      {allowed(p.may?.emergency) && !allowed(p.may?.approve) && <button type="button" disabled={busy} onClick={() => (dialog.value = 'emergencia')}>Publicar por emergencia…</button>}
      {(allowed(p.may?.cancel) || allowed(p.may?.delete)) && <button type="button" class="como-enlace" onClick={() => (dialog.value = 'cancelar')}>{p.state === 'draft' || p.state === 'rejected' ? 'Borrar…' : 'Cancelar la publicación…'}</button>}
    </>
  );
}

/** The windows that the actions open. */
export function PostDialogs({ p }: { p: Post }) {
  const alone = async (reason: string, scope: { scope?: Scope }) => {
    const done = await act(p, 'approve', { emergency: true, reason, ...scope });
    if (done) say('La publicaste por emergencia. Quedó registrado y se avisó.');
    return Boolean(done);
  };
  return (
    <>
      {dialog.value === 'cancelar' && <CancelDialog p={p} />}
      {dialog.value === 'emergencia' && <ReasonDialog p={p} kind="emergencia" send={alone} />}
    </>
  );
}

function CancelDialog({ p }: { p: Post }) {
  const [scope, setScope] = useState<Scope>('this');
  const draft = p.state === 'draft' || p.state === 'rejected';
  const shut = () => (dialog.value = '');
  const send = async () => {
    const with_ = p.series ? { scope } : {};
    const done = draft && allowed(p.may?.delete) ? await remove(p, p.series ? scope : undefined) : Boolean(await act(p, 'cancel', with_));
    shut();
    if (!done) return focusSoon('pub-errores', titleId);
    say(draft ? 'La borraste.' : 'La cancelaste: no sale.');
    if (!known.peek().has(p.id) || draft) go('/calendario');
    focusSoon(titleId);
  };
  return (
    <Dialog title={draft ? 'Borrar la publicación' : 'Cancelar la publicación'} name="cancelar" close={shut}>
      <form onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <p>{draft ? 'Se borra este borrador. No se puede recuperar.' : 'No saldrá en ninguna red. Queda en el calendario como cancelada.'}</p>
        {p.series && <ScopeChoice p={p} scope={scope} set={setScope} />}
        <p class="botones">
          <button type="button" class="principal" autofocus onClick={shut}>Conservarla</button>
          <button type="submit" disabled={doing.value !== ''}>{draft ? 'Borrar' : 'Cancelar la publicación'}</button>
        </p>
      </form>
    </Dialog>
  );
}
