/** Our accounts: whether they work, what is wrong and what to do about it, and what each network allows. */
import { useEffect, useState } from 'preact/hooks';
import { actOn, channelKey, channels, doing, readChannels, wrong } from '../channels';
import { actDoing, actWords, advice, channelName, endings, icons, stateWords, type Advice } from '../channelWords';
import { moment } from '../clock';
import { count, fullWords, number, timeWords } from '../dates';
import { focusSoon } from '../focus';
import { dialog } from '../keys';
import { emptyPile } from '../matters';
import type { Channel, ChannelAct, Network } from '../types';
import { networks } from '../words';
import { Sheet } from './Sheet';
import { Age, Dialog, Failed, Loading, useKeepFocus } from './bits';
import { ConnectDialog, startConnecting } from './Connect';
import { Mark, NetworkMark } from './icons';
import { Matrix } from './Matrix';

export function Channels() {
  const { items, state, failure } = channels.value ?? emptyPile;
  const [closing, setClosing] = useState<Channel>();
  useEffect(() => void readChannels(), []);
  return (
    <Sheet title="Canales" wide>
      <p class="intro">Las cuentas por las que escuchamos y respondemos. Cada una dice cómo está y qué hacer.</p>
      {state === 'cargando' ? <Loading lines={5} what="Cargando las cuentas" />
        : state === 'error' && failure ? <Failed failure={failure} retry={() => void readChannels()} />
        : (Object.keys(networks) as Network[]).map((network) => (
            <NetworkAccounts key={network} network={network} accounts={items.filter((c) => c.network === network)} close={setClosing} />
          ))}
      <Matrix />
      {dialog.value === 'conectar' && <ConnectDialog />}
      {dialog.value === 'desconectar' && closing && <CloseAccount c={closing} />}
    </Sheet>
  );
}

function NetworkAccounts({ network, accounts, close }: { network: Network; accounts: Channel[]; close: (c: Channel) => void }) {
  const title = `red-${network}`;
  const may = accounts[0]?.may.connect;
  const real = accounts.filter((c) => c.account);
  return (
    <section class="canales" aria-labelledby={title}>
      <div class="canales-cabeza">
        <h2 id={title} tabIndex={-1}><NetworkMark network={network} />{networks[network]}</h2>
        {may?.allowed && (
          <button type="button" id={`conectar-${network}`} onClick={() => startConnecting(network)}>Conectar una cuenta<span class="oculto"> de {networks[network]}</span></button>
        )}
      </div>
      {real.length === 0 ? <p class="canal-nada"><Mark name="reloj" />Ninguna cuenta: aquí no se escucha ni se responde.</p>
        : <ul>{real.map((c) => <Account key={c.account} c={c} close={close} />)}</ul>}
    </section>
  );
}

function Account({ c, close }: { c: Channel; close: (c: Channel) => void }) {
  const key = channelKey(c);
  const at = moment.value;
  const title = `canal-${key}`;
  useKeepFocus(title, `red-${c.network}`);
  const offered = new Set<string>();
  // The same remedy is offered once.
  const told = c.troubles.map((t) => {
    const { act, ...rest } = advice(t, c, at);
    if (!act || offered.has(act)) return rest;
    offered.add(act);
    return { ...rest, act };
  });
  const more = (['look', 'pause', 'resume'] as const).filter((act) => c.may[act].allowed && !offered.has(act));
  return (
    <li class={`canal nivel-${c.level}${c.state === 'unconnected' ? ' suelta' : ''}`}>
      <div>
        <h3 id={title} tabIndex={-1}><bdi>{c.name || c.account}</bdi></h3>
        <p class="canal-estado"><Mark name={icons[c.level]} /><strong>{stateWords(c)}</strong>{c.state !== 'ok' && c.since && <span>desde <Age at={c.since} /></span>}</p>
        {told.length > 0 && <ul class="canal-avisos">{told.map((a) => <Trouble key={a.what} a={a} c={c} />)}</ul>}
        {wrong.value?.key === key && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{wrong.value.words}</p>}
        <p class="botones">
          {c.state === 'unconnected' && c.may.connect.allowed && <button type="button" onClick={() => startConnecting(c.network)}>Conectar<span class="oculto"> {channelName(c)}</span></button>}
          {more.map((act) => <ActButton key={act} act={act} c={c} />)}
          {c.may.close.allowed && (
            <button type="button" class="como-enlace" onClick={() => { close(c); dialog.value = 'desconectar'; }}>Desconectar<span class="oculto"> {channelName(c)}</span></button>
          )}
        </p>
      </div>
      {c.state !== 'unconnected' && <Facts c={c} />}
    </li>
  );
}

function Trouble({ a, c }: { a: Advice; c: Channel }) {
  return (
    <li>
      <p><strong>{a.what}</strong> {a.next}</p>
      {a.act && c.may[a.act].allowed && <ActButton act={a.act} c={c} main />}
    </li>
  );
}

function ActButton({ act, c, main }: { act: ChannelAct | 'connect'; c: Channel; main?: boolean }) {
  const key = channelKey(c);
  if (act === 'connect') {
    return <button type="button" class="principal" onClick={() => startConnecting(c.network)}>{actWords.connect}<span class="oculto"> {channelName(c)}</span></button>;
  }
  const busy = doing.value === `${key} ${act}`;
  const run = async () => {
    await actOn(c, act);
    focusSoon(`canal-${key}`);
  };
  return (
    <button type="button" class={main ? 'principal' : undefined} disabled={doing.value !== ''} onClick={() => void run()}>
      {busy ? actDoing[act] : actWords[act]}<span class="oculto"> {channelName(c)}</span>
    </button>
  );
}

/** What is known of an account, each line only where there is something to say. */
function Facts({ c }: { c: Channel }) {
  const at = moment.value;
  return (
    <dl class="canal-datos">
      <div><dt>Última entrega</dt><dd>{c.delivered ? <Age at={c.delivered} /> : 'ninguna todavía'}</dd></div>
      <div><dt>Última llamada buena</dt><dd>{c.called ? <Age at={c.called} /> : 'ninguna todavía'}</dd></div>
      <div><dt>Esperan para salir</dt><dd>{c.backlog === 0 ? 'nada' : number(c.backlog)}</dd></div>
      {c.expiries.map((e) => (
        <div key={e.kind}><dt>Vence {endings[e.kind] ?? e.kind}</dt><dd><time dateTime={e.at} title={fullWords(e.at)}>{leftWords(e.at, at)}</time></dd></div>
      ))}
      {c.usage && (
        <div>
          <dt>Uso de la red</dt>
          <dd><meter min={0} max={1} low={0.75} high={0.95} optimum={0} value={Math.min(1, c.usage.share)} aria-label="Uso de lo que la red permite" /> {Math.round(c.usage.share * 100)} %{c.usage.until && Date.parse(c.usage.until) > at && `, hasta ${timeWords(c.usage.until, at)}`}</dd>
        </div>
      )}
      {c.costToday && <div><dt>Gasto de hoy</dt><dd>{dollars(c.costToday.usd)}{c.costToday.limit !== undefined && ` de ${dollars(c.costToday.limit)}`}</dd></div>}
      {c.repaired > 0 && <div><dt>Recuperados al revisar</dt><dd>{count(c.repaired, 'mensaje', 'mensajes')}</dd></div>}
      <div><dt>Identificador</dt><dd><code>{c.account}</code></dd></div>
    </dl>
  );
}

const dollars = (usd: number) => `US$ ${usd.toFixed(2).replace('.', ',')}`;

const day = 86_400_000;

/** "en 12 días", "en 5 horas", "venció hace 2 días". */
function leftWords(instant: string, at: number): string {
  const left = Date.parse(instant) - at;
  const span = Math.abs(left) >= 2 * day ? count(Math.floor(Math.abs(left) / day), 'día', 'días') : count(Math.floor(Math.abs(left) / 3_600_000), 'hora', 'horas');
  return left > 0 ? `en ${span}` : `venció hace ${span}`;
}

function CloseAccount({ c }: { c: Channel }) {
  const shut = () => (dialog.value = '');
  const close = async () => {
    shut();
    await actOn(c, 'close');
    focusSoon(`canal-${channelKey(c)}`, `red-${c.network}`);
  };
  return (
    <Dialog title="Desconectar la cuenta" name="desconectar" close={shut}>
      <p>Por <bdi>{channelName(c)}</bdi> dejará de salir todo y borramos sus claves. Los casos no cambian. Para usarla otra vez hay que conectarla de nuevo.</p>
      {c.backlog > 0 && <p class="aviso-texto"><Mark name="alerta" />{count(c.backlog, 'respuesta espera', 'respuestas esperan')} y no saldrán.</p>}
      <p class="botones">
        <button type="button" class="principal" autofocus onClick={shut}>Volver</button>
        <button type="button" onClick={() => void close()}>Desconectar</button>
      </p>
    </Dialog>
  );
}
