/** What waits for a second person: as each network will show it, with what there is to say of it. */
import { useEffect, useState } from 'preact/hooks';
import { moment } from '../../clock';
import { count } from '../../dates';
import { focusSoon, say, titleId } from '../../focus';
import { dialog, refuse } from '../../keys';
import { Dialog, Empty, Failed, Loading, useKeepFocus } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { firstWords, localOf, partOf } from '../grid';
import { ScopeChoice } from './MoveDialog';
import { cardId, ReasonDialog } from './ReasonDialog';
import { DayMarks } from './Month';
import { Frame, Nets, WrongBox } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { act, appliedWords, doing, onNews, postsShown, readDays, readPosts, shown, wrong } from '../posts';
import { Preview } from './Preview';
import { recurrenceWords } from '../scope';
import { authorName } from './Story';
import { Findings } from './Texts';
import type { Post, Scope } from '../types';
import { dateOf, home, longDay, untilWords, wallOf, whenWords, zoneWords } from '../wall';
import { allowed, whyNot } from '../words';

const sheet: [string, string][] = [['j / k', 'Publicación siguiente / anterior'], ['a', 'Aprobar'], ['x', 'Rechazar, con el motivo'], ['e', 'Abrirla para cambiarla']];

/** The card the keyboard stands in, or the first one. */
function standing(posts: readonly Post[]): Post | undefined {
  const card = document.activeElement?.closest<HTMLElement>('[data-ficha]');
  return posts.find((p) => p.id === card?.dataset.ficha) ?? posts[0];
}

export function useCards(ids: readonly string[]) {
  return (step: number) => {
    const at = ids.findIndex((id) => document.activeElement?.closest<HTMLElement>('[data-ficha]')?.dataset.ficha === id);
    const next = ids[at < 0 ? 0 : at + step];
    if (next) focusSoon(cardId(next));
    else say(step > 0 ? 'Es la última.' : 'Es la primera.');
  };
}

export function Approvals() {
  const [about, setAbout] = useState<Post>();
  const read = () => void readPosts({ view: 'approvals' });
  useEffect(() => {
    wrong.value = undefined;
    read();
    return onNews(read);
  }, []);
  const posts = postsShown().filter((p) => p.state === 'submitted').sort((a, b) => localOf(a).localeCompare(localOf(b)));
  useEffect(() => {
    const dates = posts.map((p) => dateOf(localOf(p))).filter(Boolean).sort();
    if (dates.length > 0) readDays(dates[0]!, dates.at(-1)!).catch(() => undefined);
  }, [posts.length]);
  const move = useCards(posts.map((p) => p.id));
  const approve = (p: Post) => {
    if (!allowed(p.may?.approve)) {
      return refuse(whyNot(p.may?.approve) || 'No puedes aprobar esta publicación.');
    }
    if (p.series) {
      setAbout(p);
      dialog.value = 'alcance';
      return;
    }
    void done(p, 'approve');
  };
  const reject = (p: Post) => {
    if (!allowed(p.may?.reject)) return say(whyNot(p.may?.reject) || 'No puedes rechazarla.');
    setAbout(p);
    dialog.value = 'rechazar';
  };
  /** Decides one, and goes on to the next. */
  const done = async (p: Post, action: 'approve' | 'reject', order: Record<string, unknown> = {}): Promise<boolean> => {
    const ids = posts.map((one) => one.id);
    const next = ids[ids.indexOf(p.id) + 1] ?? ids[ids.indexOf(p.id) - 1];
    const result = await act(p, action, order);
    if (!result) {
      focusSoon(cardId(p.id));
      return false;
    }
    say(action === 'reject' ? 'La devolviste a quien la escribió.' : order.emergency ? 'La publicaste por emergencia. Quedó registrado y se avisó.' : `La aprobaste: sale ${localOf(p) ? whenWords(localOf(p), dateOf(wallOf(moment.peek()))) : 'ahora'}.`);
    if (result.applied && appliedWords(result.applied)) say(appliedWords(result.applied));
    if (p.series) read();
    focusSoon(next ? cardId(next) : titleId, titleId);
    return true;
  };
  const on = (deed: (p: Post) => void) => () => {
    const p = standing(posts);
    if (p) deed(p);
    else say('No hay nada por aprobar.');
  };
  useScreenKeys({
    j: () => move(1), k: () => move(-1), a: on(approve), x: on(reject),
    e: on((p) => document.querySelector<HTMLElement>(`#${CSS.escape(cardId(p.id))} a`)?.click()),
  }, sheet);
  const { state, failure } = shown.value;
  return (
    <Frame title="Por aprobar">
      <p class="intro">Publicaciones que esperan a una segunda persona. Nada sale sin aprobación.</p>
      {state === 'error' && failure ? <Failed failure={failure} retry={read} />
        : state === 'cargando' ? <Loading lines={5} what="Cargando lo que espera" />
        : posts.length === 0 ? <Empty title="Nada espera aprobación."><p>Cuando alguien envíe una publicación, aparecerá aquí.</p></Empty>
        : <ul class="fichas">{posts.map((p) => <Card key={p.id} p={p} approve={() => approve(p)} reject={() => reject(p)} emergency={() => { setAbout(p); dialog.value = 'emergencia'; }} />)}</ul>}
      {about && dialog.value === 'rechazar' && <ReasonDialog p={about} kind="rechazar" send={(reason, scope) => done(about, 'reject', { reason, ...scope })} />}
      {about && dialog.value === 'emergencia' && <ReasonDialog p={about} kind="emergencia" send={(reason, scope) => done(about, 'approve', { emergency: true, reason, ...scope })} />}
      {about && dialog.value === 'alcance' && <ApproveSeries p={about} send={(scope) => void done(about, 'approve', { scope })} />}
    </Frame>
  );
}

function Card({ p, approve, reject, emergency }: { p: Post; approve: () => void; reject: () => void; emergency: () => void }) {
  const at = moment.value;
  const local = localOf(p);
  const why = whyNot(p.may?.approve);
  const busy = doing.value !== '';
  const title = cardId(p.id);
  useKeepFocus(title, titleId);
  return (
    <li class="ficha-pub" data-ficha={p.id}>
      <header>
        <h2 id={title} tabIndex={-1}>{local ? <>{whenWords(local, dateOf(wallOf(at)))} <span class="nota">{zoneWords(p.publishAt?.zone || home)}{p.publishAt?.at && `, ${untilWords(p.publishAt.at, at)}`}</span></> : 'Apenas se apruebe'}</h2>
        <p class="caso-senas"><Nets networks={p.networks} /><span>Escribió: <bdi>{authorName(p)}</bdi></span>{p.series && <span>Serie{p.recurrence && `: ${recurrenceWords(p.recurrence)}`}</span>}</p>
        {local && <DayMarks date={dateOf(local)} />}
        {p.publishAt?.at && Date.parse(p.publishAt.at) - at < 2 * 3_600_000 && <p class="aviso-texto"><Mark name="reloj" />Si nadie la aprueba antes de esa hora, no sale.</p>}
      </header>
      {p.cases && p.cases.length > 0 && <p class="aviso-texto"><Mark name="alerta" />Por WhatsApp va a {count(p.cases.length, 'persona', 'personas')}. Al aprobar confirmas que la pidieron.</p>}
      <Findings findings={p.findings ?? []} />
      <div class="previas-fila">
        {p.networks.map((n) => { const part = partOf(p, n); return <Preview key={n} network={n} text={part.text} link={part.link} media={part.media} />; })}
      </div>
      <WrongBox id={p.id} />
      <p class="botones">
        <button type="button" class="principal" disabled={busy || !allowed(p.may?.approve)} aria-keyshortcuts="a" aria-describedby={why ? `por-que-${p.id}` : undefined} onClick={approve}>{doing.value === `${p.id} approve` ? 'Aprobando…' : 'Aprobar'}<span class="oculto">: {firstWords(p.text, 40)}</span></button>
        <button type="button" disabled={busy || !allowed(p.may?.reject)} aria-keyshortcuts="x" onClick={reject}>Rechazar…<span class="oculto">: {firstWords(p.text, 40)}</span></button>
        {allowed(p.may?.emergency) && !allowed(p.may?.approve) && <button type="button" disabled={busy} onClick={emergency}>Publicar por emergencia…</button>}
        <a class="boton secundario" href={`/publicaciones/${encodeURIComponent(p.id)}`} data-dentro>Abrir<span class="oculto">: {firstWords(p.text, 40)}</span></a>
      </p>
      {why && <p id={`por-que-${p.id}`} class="por-que"><strong>No puedes aprobarla:</strong> {why}</p>}
    </li>
  );
}

function ApproveSeries({ p, send }: { p: Post; send: (scope: Scope) => void }) {
  const [scope, setScope] = useState<Scope>('this');
  const shut = () => {
    dialog.value = '';
    focusSoon(cardId(p.id));
  };
  return (
    <Dialog title="Aprobar" name="alcance" close={shut}>
      <form onSubmit={(event) => { event.preventDefault(); dialog.value = ''; send(scope); }}>
        {localOf(p) && <p>Esta sale el {longDay(dateOf(localOf(p)))}.</p>}
        <ScopeChoice p={p} scope={scope} set={setScope} />
        <p class="botones"><button type="submit" class="principal">Aprobar</button><button type="button" onClick={shut}>Volver</button></p>
      </form>
    </Dialog>
  );
}
