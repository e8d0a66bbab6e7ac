/** What did not go out as it should: each network of each publication, decided with one key. */
import { useEffect, useState } from 'preact/hooks';
import { moment } from '../../clock';
import { focusSoon, say, titleId } from '../../focus';
import { dialog, refuse } from '../../keys';
import { Dialog, Empty, Failed, Loading, useKeepFocus } from '../../ui/bits';
import { Mark, NetworkName } from '../../ui/icons';
import { networks } from '../../words';
import { useCards } from './Approvals';
import { failuresOf, failureWords, settlesOf, settleWords, type Failure_, type Settle } from '../failures';
import { firstWords, localOf, partOf } from '../grid';
import { Frame, StateTag, WrongBox } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { act, doing, onNews, postsShown, readPosts, shown, wrong } from '../posts';
import { dateOf, wallOf, whenWords } from '../wall';
import { whyNot } from '../words';

const keyOf = (f: Failure_) => `${f.post.id}.${f.name}`;

const sheet: [string, string][] = [['j / k', 'Falla siguiente / anterior'], ['r', 'Reintentar'], ['p', 'Sí se publicó'], ['d', 'Descartar'], ['v', 'Mirar en la red']];

export function Failures() {
  const [about, setAbout] = useState<Failure_>();
  const read = () => void readPosts({ view: 'failures' });
  useEffect(() => {
    wrong.value = undefined;
    read();
    return onNews(read);
  }, []);
  const all = failuresOf(postsShown());
  const move = useCards(all.map(keyOf));
  const settle = async (f: Failure_, what: Settle, order: Record<string, unknown> = {}): Promise<boolean> => {
    const ids = all.map(keyOf);
    const at = ids.indexOf(keyOf(f));
    const next = ids[at + 1] ?? ids[at - 1];
    const done = await act(f.post, what, { network: f.name, ...order });
    focusSoon(`ficha-${done && next ? next : keyOf(f)}`, titleId);
    if (!done) return false;
    say(`En ${networks[f.network]}: ${settleWords[what].done}.`);
    return true;
  };
  const begin = (f: Failure_, what: Settle) => {
    if (!settlesOf(f).includes(what)) {
      return refuse(whyNot(f.post.may?.[what]) || 'Tu rol no decide sobre fallas.');
    }
    if (what === 'published') {
      setAbout(f);
      dialog.value = 'publicada';
      return;
    }
    void settle(f, what);
  };
  const on = (what: Settle) => () => {
    const id = document.activeElement?.closest<HTMLElement>('[data-ficha]')?.dataset.ficha;
    const f = all.find((one) => keyOf(one) === id) ?? all[0];
    if (f) begin(f, what);
    else say('No hay fallas.');
  };
  useScreenKeys({
    j: () => move(1), k: () => move(-1), r: on('retry'), d: on('discard'), p: on('published'),
    v: () => (document.activeElement?.closest('[data-ficha]') ?? document).querySelector<HTMLElement>('.ver-red')?.click(),
  }, sheet);
  const { state, failure } = shown.value;
  return (
    <Frame title="Fallas">
      <p class="intro">Lo que no salió, o no se sabe si salió. Cada una se decide por separado y nada se publica dos veces sin que tú lo digas.</p>
      {state === 'error' && failure ? <Failed failure={failure} retry={read} />
        : state === 'cargando' ? <Loading lines={4} what="Cargando las fallas" />
        : all.length === 0 ? <Empty title="No hay fallas."><p>Si una publicación no sale, aparecerá aquí con su motivo.</p></Empty>
        : <ul class="fichas">{all.map((f) => <Card key={keyOf(f)} f={f} begin={(what) => begin(f, what)} />)}</ul>}
      {about && dialog.value === 'publicada' && <PublishedDialog f={about} send={(url) => settle(about, 'published', url ? { url } : {})} />}
    </Frame>
  );
}

function Card({ f, begin }: { f: Failure_; begin: (what: Settle) => void }) {
  const { what, why, next } = failureWords(f);
  const part = partOf(f.post, f.network);
  const title = `ficha-${keyOf(f)}`;
  const local = localOf(f.post);
  useKeepFocus(title, titleId);
  const url = f.target.url && /^https:\/\//.test(f.target.url) ? f.target.url : places[f.network];
  return (
    <li class="ficha-pub falla" data-ficha={keyOf(f)}>
      <h2 id={title} tabIndex={-1}>{what}</h2>
      <p class="caso-senas"><NetworkName network={f.network} /><StateTag state={f.target.state} />{local && <span>{whenWords(local, dateOf(wallOf(moment.value)))}</span>}{why && <span>Motivo: {why}</span>}</p>
      <blockquote class="texto" dir="auto">{firstWords(part.text, 220)}</blockquote>
      <p>{next}</p>
      <WrongBox id={f.post.id} />
      <p class="botones">
        {settlesOf(f).map((s, i) => (
          <button key={s} type="button" class={i === 0 ? 'principal' : undefined} disabled={doing.value !== ''} aria-keyshortcuts={settleWords[s].key} onClick={() => begin(s)}>
            {doing.value === `${f.post.id} ${s} ${f.name}` ? settleWords[s].doing : settleWords[s].button}<span class="oculto"> en {networks[f.network]}: {firstWords(part.text, 30)}</span>
          </button>
        ))}
        <a class="boton secundario ver-red" href={url} target="_blank" rel="noreferrer noopener">Mirar en {networks[f.network]}<span class="oculto"> (en otra pestaña)</span></a>
        <a class="boton secundario" href={`/publicaciones/${encodeURIComponent(f.post.id)}`} data-dentro>Abrir<span class="oculto">: {firstWords(part.text, 30)}</span></a>
      </p>
    </li>
  );
}

/** Where to look when no address of the publication is known. */
const places = {
  facebook: 'https://www.facebook.com/', instagram: 'https://www.instagram.com/', x: 'https://x.com/', linkedin: 'https://www.linkedin.com/', whatsapp: 'https://business.facebook.com/',
};

function PublishedDialog({ f, send }: { f: Failure_; send: (url: string) => Promise<boolean> }) {
  const [url, setUrl] = useState('');
  const shut = () => {
    dialog.value = '';
    focusSoon(`ficha-${keyOf(f)}`);
  };
  const refusal = wrong.value?.id === f.post.id ? wrong.value.words : '';
  return (
    <Dialog title={`Sí se publicó en ${networks[f.network]}`} name="publicada" close={shut}>
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(url.trim()).then((ok) => ok && (dialog.value = '')); }}>
        <p>La viste en la red con tus propios ojos. Queda como publicada y no se intenta más.</p>
        <label for="pub-url">Dónde se ve (opcional)</label>
        <input id="pub-url" type="url" placeholder="https://…" value={url} onInput={(e) => setUrl(e.currentTarget.value)} />
        {refusal && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{refusal}</p>}
        <p class="botones">
          <button type="submit" class="principal" disabled={doing.value !== ''}>Sí se publicó</button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}
