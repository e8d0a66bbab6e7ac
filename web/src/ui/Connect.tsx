/** Connecting an account: what the network will ask, the way there, the choice, and what is missing at the end. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../api';
import { begin, choose, connection, ended, follow } from '../channels';
import { asks, failureWords, methods } from '../channelWords';
import { now, second, secondsTo } from '../clock';
import { spanWords } from '../dates';
import { focusSoon, say, titleId } from '../focus';
import { dialog } from '../keys';
import { channels } from '../channels';
import type { Connection, Method, Network } from '../types';
import { networks } from '../words';
import { Dialog } from './bits';
import { Mark } from './icons';
import { signal } from '@preact/signals';

const chosen = signal<Network>('facebook');

/** Opens the window; a connection of the same network that is under way goes on. */
export function startConnecting(network: Network): void {
  chosen.value = network;
  const held = connection.peek();
  if (held && (held.network !== network || ended(held) || secondsTo(held.expiresAt, now()) === 0)) connection.value = undefined;
  dialog.value = 'conectar';
}

const pollEvery = 2000;

export function ConnectDialog() {
  const network = chosen.value;
  const c = connection.value;
  const waits = Boolean(c && !ended(c) && c.step !== 'choose');
  useEffect(() => {
    if (!c || ended(c) || (c.step === 'choose' && !c.account)) return;
    const timer = setInterval(() => void follow(), pollEvery);
    return () => clearInterval(timer);
  }, [c?.id, c?.step, c?.account]);
  const step = !c ? 'explica' : c.step === 'choose' && c.account ? 'code' : c.step;
  useEffect(() => {
    if (step !== 'explica') focusSoon('paso-conectar');
  }, [step, Boolean(c?.url)]);
  const close = () => {
    dialog.value = '';
    if (c && ended(c)) connection.value = undefined;
    focusSoon(`conectar-${network}`, titleId);
  };
  return (
    <Dialog title={`Conectar ${networks[network]}`} name="conectar" close={close}>
      <Steps at={step} />
      {!c ? <Explain network={network} close={close} /> : (
        <div id="paso-conectar" tabIndex={-1}>
          {waits && <Waiting c={c} />}
          {c.step === 'choose' && (c.account ? <Waiting c={c} /> : <Choices c={c} />)}
          {c.step === 'done' && <Done c={c} />}
          {c.step === 'failed' && <p class="aviso malo"><strong>No se conectó.</strong> {failureWords(c.reason)}</p>}
          <p class="botones">
            {c.step === 'failed' && <button type="button" class="principal" onClick={() => (connection.value = undefined)}>Intentar de nuevo</button>}
            <button type="button" class={c.step === 'done' ? 'principal' : undefined} onClick={close}>{c.step === 'done' ? 'Listo' : 'Cerrar'}</button>
          </p>
        </div>
      )}
    </Dialog>
  );
}

const steps: [string, string[]][] = [['Preparar', ['explica']], ['Dar permiso en la red', ['begun']], ['Elegir la cuenta', ['code', 'choose']], ['Listo', ['done', 'failed']]];

function Steps({ at }: { at: string }) {
  return <ol class="pasos">{steps.map(([name, codes]) => <li key={name} aria-current={codes.includes(at) ? 'step' : undefined}>{name}</li>)}</ol>;
}

function Explain({ network, close }: { network: Network; close: () => void }) {
  const offered = channels.value?.items.find((one) => one.network === network)?.methods ?? ['oauth2'];
  const [method, setMethod] = useState<Method>('oauth2');
  const [account, setAccount] = useState('');
  const [token, setToken] = useState('');
  const [secret, setSecret] = useState('');
  const [failure, setFailure] = useState<{ field: string; words: string }>();
  const [busy, setBusy] = useState(false);
  const hand = method === 'manual';
  const send = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await begin({ network, method, ...(hand ? { account: account.trim(), token: token.trim(), ...(secret.trim() ? { secret: secret.trim() } : {}) } : {}) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const field = error.problem.campo ?? '';
      setFailure({ field, words: error.words });
      setBusy(false);
      focusSoon(`conectar-${field}`, 'empezar-conexion');
    }
  };
  const input = (id: 'account' | 'token' | 'secret', label: string, value: string, set: (text: string) => void) => (
    <>
      <label for={`conectar-${id}`}>{label}</label>
      <input
        id={`conectar-${id}`} {...(id === 'account' ? ({ type: 'text' } as const) : ({ type: 'password' } as const))} autocomplete="off" spellcheck={false} value={value} onInput={(e) => set(e.currentTarget.value)}
        aria-invalid={failure?.field === id} aria-describedby={failure?.field === id ? 'conectar-error' : undefined}
      />
    </>
  );
  return (
    <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
      {!hand && <p>{asks[network]}</p>}
      {hand && <p>Pega la clave tal como la red la entregó. Se guarda sellada y no se vuelve a mostrar.</p>}
      {offered.length > 1 && (
        <fieldset>
          <legend>Cómo conectarla</legend>
          {offered.map((one) => (
            <label key={one} class="casilla">
              <input type="radio" name="metodo" checked={one === method} onChange={() => { setMethod(one); setFailure(undefined); }} /> <span>{methods[one]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {hand && input('account', 'Identificador de la cuenta en la red', account, setAccount)}
      {hand && input('token', 'Clave', token, setToken)}
      {hand && network === 'x' && input('secret', 'Segunda mitad de la clave (solo OAuth 1.0a)', secret, setSecret)}
      {failure && <p id="conectar-error" class="aviso-texto malo" role="alert"><Mark name="alerta" />{failure.words}</p>}
      <p class="botones">
        <button type="submit" id="empezar-conexion" class="principal" disabled={busy}>{busy ? 'Empezando…' : hand ? 'Conectar' : 'Empezar'}</button>
        <button type="button" onClick={close}>Volver</button>
      </p>
    </form>
  );
}

function Waiting({ c }: { c: Connection }) {
  const left = secondsTo(c.expiresAt, Math.max(second.value, now()));
  const there = c.step === 'begun' && c.url;
  return (
    <>
      {there ? (
        <>
          <p>Abre {networks[c.network]}, di que sí y vuelve aquí. Esta ventana sigue sola.</p>
          <p><a class="boton" href={c.url} target="_blank" rel="noreferrer noopener">Abrir {networks[c.network]}<span class="oculto"> (en otra pestaña)</span></a></p>
        </>
      ) : null}
      <p role="status"><progress aria-label="Esperando" /> {c.step === 'begun' ? (there ? 'Esperando tu permiso en la red…' : 'Preparando la dirección…') : 'Buscando la cuenta y sus permisos…'}</p>
      <p class="nota">Queda {spanWords(left)} para terminar.</p>
    </>
  );
}

function Choices({ c }: { c: Connection }) {
  const [account, setAccount] = useState(c.choices?.[0]?.account ?? '');
  const [words, setWords] = useState('');
  const send = async () => {
    try {
      await choose(c, account);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setWords(error.words);
      say(error.words);
    }
  };
  return (
    <form class="formulario" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <fieldset>
        <legend>¿Cuál de estas cuentas?</legend>
        {(c.choices ?? []).map((one) => (
          <label key={one.account} class="casilla">
            <input type="radio" name="cuenta" checked={one.account === account} onChange={() => setAccount(one.account)} /> <span><bdi>{one.name}</bdi> <span class="nota">{one.account}</span></span>
          </label>
        ))}
      </fieldset>
      {words && <p class="aviso-texto malo"><Mark name="alerta" />{words}</p>}
      <p class="botones"><button type="submit" class="principal">Conectar esta cuenta</button></p>
    </form>
  );
}

function Done({ c }: { c: Connection }) {
  const missing = c.missing ?? [];
  return (
    <>
      <p class="canal-estado"><Mark name="listo" /><strong>{networks[c.network]} está conectada.</strong></p>
      {missing.length > 0 && (
        <div class="aviso cambio">
          <p><strong>Faltan permisos.</strong> La red no los dio. Para darlos, conecta la cuenta de nuevo:</p>
          <ul>{missing.map((m) => <li key={m.right}>{m.what || m.right} <span class="nota">({m.right})</span>{m.without && <> {m.without}</>}</li>)}</ul>
        </div>
      )}
    </>
  );
}
