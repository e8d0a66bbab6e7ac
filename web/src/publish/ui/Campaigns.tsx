/** Campaigns, and one of them with its publications: moved, sent and cancelled together. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../../api';
import { moment } from '../../clock';
import { count } from '../../dates';
import { focusSoon, say, titleId } from '../../focus';
import { dialog } from '../../keys';
import { me } from '../../me';
import { Dialog, Empty, Failed, Loading } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { actOnCampaign, campaigns, readCampaign, readCampaigns, saveCampaign, type CampaignAct } from '../campaigns';
import { go, place } from '../go';
import { localOf } from '../grid';
import { PostList } from './Drafts';
import { Frame } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { onNews, postsShown, readPosts, shown } from '../posts';
import type { Campaign, PostState } from '../types';
import { dateOf, shortDay, wallOf } from '../wall';
import { losesApproval, stateWords } from '../words';

export function Campaigns() {
  const { sub } = place.value;
  useEffect(() => void readCampaigns(), [sub]);
  useScreenKeys({}, []);
  const held = campaigns.value;
  const c = held.items.find((one) => one.id === sub);
  const waiting = held.state === 'error' && held.failure ? <Failed failure={held.failure} retry={() => void readCampaigns()} /> : held.state === 'cargando' ? <Loading lines={4} what="Cargando las campañas" /> : null;
  if (sub) {
    if (c) return <One key={c.id} c={c} />;
    return <Frame title="Campaña">{waiting ?? <p>Esta campaña no existe. <a href="/campanas" data-dentro>Ver todas</a></p>}</Frame>;
  }
  return (
    <Frame title="Campañas" head={me.value?.may.post && <button type="button" class="principal" onClick={() => (dialog.value = 'campana')}>Nueva campaña</button>}>
      {waiting ?? (held.items.length === 0 ? <Empty title="No hay campañas."><p>Una campaña junta publicaciones que van por lo mismo: se mueven, se envían y se cancelan juntas.</p></Empty>
        : <ul class="fichas">{held.items.map((one) => <li key={one.id} class="ficha-pub"><h2><a href={`/campanas/${encodeURIComponent(one.id)}`} data-dentro>{one.name}</a></h2><Facts c={one} /></li>)}</ul>)}
      {dialog.value === 'campana' && <CampaignDialog />}
    </Frame>
  );
}

function Facts({ c }: { c: Campaign }) {
  const today = dateOf(wallOf(moment.value));
  return (
    <>
      {c.goal && <p>{c.goal}</p>}
      <p class="nota">
        {c.from && c.to ? `Del ${shortDay(c.from, today)} al ${shortDay(c.to, today)}. ` : c.from ? `Desde el ${shortDay(c.from, today)}. ` : ''}
        {c.ended && 'Cerrada. '}
        {c.states && statesOf(c.states)}
      </p>
    </>
  );
}

function One({ c }: { c: Campaign }) {
  const [asked, setAsked] = useState<CampaignAct>();
  const [told, setTold] = useState<{ words: string; lines: string[]; bad: boolean }>();
  const read = () => {
    void readPosts({ campaign: c.id });
    readCampaign(c.id).catch(() => undefined);
  };
  useEffect(() => {
    read();
    return onNews(read);
  }, []);
  const posts = postsShown().filter((p) => p.campaign === c.id).sort((a, b) => localOf(a).localeCompare(localOf(b)));
  const run = async (act: CampaignAct, order: Record<string, unknown>) => {
    setAsked(undefined);
    try {
      const result = await actOnCampaign(c, act, order);
      setTold(outcomeWords(act, result));
      say(outcomeWords(act, result).words);
      read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setTold({ words: error.words, lines: [], bad: true });
    }
    focusSoon('resultado', titleId);
  };
  const ask = (act: CampaignAct) => () => {
    setAsked(act);
    dialog.value = 'campana';
  };
  const loose = posts.filter((p) => ['draft', 'rejected', 'submitted', 'planned'].includes(p.state));
  return (
    <Frame title={c.name} head={me.value?.may.post && <a class="boton" href={`/publicaciones/nueva?campana=${encodeURIComponent(c.id)}`} data-dentro>Nueva publicación</a>}>
      <p><a href="/campanas" data-dentro>← Todas las campañas</a></p>
      <Facts c={c} />
      {told && (
        <div id="resultado" tabIndex={-1} class={`aviso ${told.bad ? 'malo' : 'cambio'}`}>
          <p>{told.words}</p>
          {told.lines.length > 0 && <ul>{told.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
        </div>
      )}
      {me.value?.may.post && loose.length > 0 && (
        <p class="botones">
          <button type="button" onClick={ask('move')}>Mover todas…</button>
          <button type="button" onClick={ask('submit')}>Enviar todas a aprobación</button>
          <button type="button" onClick={ask('cancel')}>Cancelar todas…</button>
        </p>
      )}
      {shown.value.state === 'cargando' ? <Loading lines={4} what="Cargando las publicaciones" />
        : posts.length === 0 ? <Empty title="Esta campaña no tiene publicaciones." />
        : <PostList posts={posts} />}
      {asked && dialog.value === 'campana' && <ActDialog act={asked} n={loose.length} approved={loose.filter(losesApproval).length} run={(order) => void run(asked, order)} />}
    </Frame>
  );
}

const verbs: Record<CampaignAct, { title: string; done: string }> = {
  move: { title: 'Mover todas', done: 'Moviste' }, submit: { title: 'Enviar todas a aprobación', done: 'Enviaste' },
  approve: { title: 'Aprobar todas', done: 'Aprobaste' }, cancel: { title: 'Cancelar todas', done: 'Cancelaste' },
};

/** What became of each: those that could not be done say why. */
function outcomeWords(act: CampaignAct, { applied }: Campaign): { words: string; lines: string[]; bad: boolean } {
  const skipped = applied?.skipped ?? [];
  const words = `${verbs[act].done} ${count(applied?.changed ?? 0, 'publicación', 'publicaciones')}.${skipped.length > 0 ? ` ${count(skipped.length, 'no se pudo', 'no se pudieron')}:` : ''}`;
  return { words, lines: [...new Set(skipped.map((one) => one.why))], bad: skipped.length > 0 };
}

/** "2 programadas, 1 por aprobar": "Programada: 2. Por aprobar: 1." */
const statesOf = (states: NonNullable<Campaign['states']>) =>
  (Object.keys(stateWords) as PostState[]).flatMap((state) => (states[state] ? [`${stateWords[state]}: ${states[state]}.`] : [])).join(' ') || 'Sin publicaciones.';

function ActDialog({ act, n, approved, run }: { act: CampaignAct; n: number; approved: number; run: (order: Record<string, unknown>) => void }) {
  const [by, setBy] = useState('1');
  const [wrong, setWrong] = useState('');
  const shut = () => {
    dialog.value = '';
    focusSoon(titleId);
  };
  const send = () => {
    const days = Number(by);
    if (act === 'move' && (!Number.isInteger(days) || days === 0)) {
      setWrong('Escribe un número de días. Con signo menos se adelantan.');
      return document.getElementById('mover-dias')?.focus();
    }
    dialog.value = '';
    run(act === 'move' ? { days } : {});
  };
  return (
    <Dialog title={verbs[act].title} name="campana" close={shut}>
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); send(); }}>
        <p>{count(n, 'publicación que todavía no sale', 'publicaciones que todavía no salen')}.{act === 'cancel' && ' No saldrán en ninguna red.'}</p>
        {act === 'move' && (
          <div>
            <label for="mover-dias">Cuántos días (con signo menos se adelantan)</label>
            <input id="mover-dias" type="number" step={1} value={by} aria-invalid={wrong !== ''} aria-describedby="mover-nota" onInput={(e) => { setBy(e.currentTarget.value); setWrong(''); }} />
            <p id="mover-nota" class={wrong ? 'aviso-texto malo' : 'nota'}>{wrong || 'Cada una conserva su hora.'}</p>
          </div>
        )}
        {act === 'move' && approved > 0 && <p class="aviso-texto"><Mark name="alerta" />{count(approved, 'ya está aprobada', 'ya están aprobadas')}: al moverlas hay que aprobarlas de nuevo.</p>}
        <p class="botones">
          <button type="submit" class={act === 'cancel' ? undefined : 'principal'}>{verbs[act].title}</button>
          <button type="button" class={act === 'cancel' ? 'principal' : undefined} onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}

function CampaignDialog() {
  const [name, setName] = useState('');
  const [goal, setGoal] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [wrong, setWrong] = useState('');
  const shut = () => (dialog.value = '');
  const send = async () => {
    if (!name.trim()) {
      setWrong('Ponle un nombre.');
      return document.getElementById('campana-nombre')?.focus();
    }
    try {
      const made = await saveCampaign({ name: name.trim(), ...(goal.trim() ? { goal: goal.trim() } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) });
      shut();
      go(`/campanas/${encodeURIComponent(made.id)}`);
      say('Creaste la campaña.');
      focusSoon(titleId);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setWrong(error.words);
    }
    return undefined;
  };
  return (
    <Dialog title="Nueva campaña" name="campana" close={shut}>
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div><label for="campana-nombre">Nombre</label><input id="campana-nombre" type="text" maxLength={120} autofocus value={name} aria-invalid={wrong !== ''} aria-describedby="campana-error" onInput={(e) => { setName(e.currentTarget.value); setWrong(''); }} /></div>
        <div><label for="campana-meta">Para qué es (opcional)</label><input id="campana-meta" type="text" maxLength={300} value={goal} onInput={(e) => setGoal(e.currentTarget.value)} /></div>
        <div class="pub-fecha">
          <div><label for="campana-desde">Desde (opcional)</label><input id="campana-desde" type="date" value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></div>
          <div><label for="campana-hasta">Hasta (opcional)</label><input id="campana-hasta" type="date" min={from} value={to} onInput={(e) => setTo(e.currentTarget.value)} /></div>
        </div>
        <p id="campana-error" role="alert" class="aviso-texto malo">{wrong}</p>
        <p class="botones"><button type="submit" class="principal">Crear</button><button type="button" onClick={shut}>Volver</button></p>
      </form>
    </Dialog>
  );
}
