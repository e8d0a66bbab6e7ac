/** Says what citizens' texts ask for, without knowing what the model said. */
import { useEffect } from 'preact/hooks';
import { count } from '../dates';
import { focusSoon, say, titleId } from '../focus';
import { refuse } from '../keys';
import { me } from '../me';
import type { Intent, Urgency } from '../types';
import { intentMeanings, intents } from '../words';
import { Empty, Failed, Loading } from '../ui/bits';
import { NetworkName } from '../ui/icons';
import { useScreenKeys } from '../ui/useScreenKeys';
import { Export } from './Export';
import { Frame } from './Frame';
import { busy, chosen, label, last, readTray, refusal, skip, takeBack, tray } from './waiting';
import type { Unlabelled } from './types';

const classes = Object.keys(intents) as Intent[];
const urgencyKeys: [key: string, urgency: Urgency, name: string, what: string][] = [
  ['c', 'critica', 'Crítica', 'Vida, amenaza, acoso.'], ['a', 'alta', 'Alta', 'Fraude en curso, plazo de dos días, subsistencia, tercer reclamo.'],
  ['m', 'media', 'Media', 'Un trámite propio pendiente.'], ['b', 'baja', 'Baja', 'Lo demás.'],
];

const sheet: [string, string][] = [
  ['1 a 6', 'Elegir la clase'], ['c, a, m, b', 'Elegir la urgencia: crítica, alta, media, baja'], ['l', 'Listo: guardar'], ['j', 'Saltar este mensaje'], ['u', 'Deshacer la anterior'],
];

const textId = 'mensaje-por-revisar';

const choose = (more: { intent?: Intent; urgency?: Urgency }) => (chosen.value = { ...chosen.peek(), ...more });

export function Tray() {
  useEffect(() => {
    chosen.value = {};
    void readTray();
  }, []);
  const { items, state, failure } = tray.value;
  const one = items[0];
  const fresh = () => {
    chosen.value = {};
    focusSoon(textId, titleId);
  };
  const save = async () => {
    const one = tray.peek().items[0];
    const { intent, urgency } = chosen.peek();
    if (!one || busy.peek()) return;
    if (!intent || !urgency) return refuse(intent ? 'Falta elegir la urgencia.' : 'Falta elegir la clase.');
    const saved = await label(one, intent, urgency);
    const left = tray.peek().items.length;
    say(saved ? `Guardado. ${left === 0 ? 'No queda ninguno.' : `Quedan ${left}.`}` : refusal.peek());
    if (tray.peek().items[0] !== one) fresh();
  };
  const pass = () => {
    if (tray.peek().items.length < 2) return refuse('No hay otro mensaje al que pasar.');
    skip();
    say('Lo dejaste para después.');
    fresh();
  };
  const back = async () => {
    if (!last.peek()) return refuse('No hay nada que deshacer.');
    if (await takeBack()) {
      say('Deshecho. El mensaje espera de nuevo.');
      fresh();
    } else say(refusal.peek());
  };
  const keys: Record<string, () => void> = { l: () => void save(), j: pass, u: () => void back() };
  classes.forEach((c, i) => (keys[String(i + 1)] = () => { choose({ intent: c }); say(intents[c]); }));
  for (const [key, u, name] of urgencyKeys) keys[key] = () => { choose({ urgency: u }); say(`Urgencia ${name.toLowerCase()}`); };
  useScreenKeys(keys, sheet);
  return (
    <Frame title="Revisar el clasificador">
      <p class="intro">Di qué pide cada persona y con qué urgencia. No ves qué dijo el modelo: así se sabe cuánto acierta. Lo que digas no cambia ningún caso. Los datos personales están tapados.</p>
      {state === 'error' && failure ? <Failed failure={failure} retry={() => void readTray()} />
        : state === 'cargando' ? <Loading lines={5} what="Cargando lo que espera" />
        : !one ? <Empty title="Nada espera tu revisión."><p>Cada día se eligen mensajes nuevos: uno de cada veinte al azar y los veinte en que el modelo más dudó.</p></Empty>
        : <Card one={one} left={items.length} save={() => void save()} pass={pass} />}
      {refusal.value && <p class="aviso malo" role="alert">{refusal.value}</p>}
      {last.value && <p class="botones"><button type="button" class="deshacer" aria-keyshortcuts="u" disabled={busy.value} onClick={() => void back()}>Deshacer la anterior</button></p>}
      {me.value?.may.exportModel && !me.value.may.model && <Export />}
    </Frame>
  );
}

interface CardProps {
  one: Unlabelled;
  left: number;
  save: () => void;
  pass: () => void;
}

function Card({ one, left, save, pass }: CardProps) {
  const { intent, urgency } = chosen.value;
  return (
    <section class="revision" aria-labelledby={textId}>
      <h2 id={textId} tabIndex={-1}>Mensaje por revisar <span class="nota">{count(left, 'espera', 'esperan')}</span></h2>
      <p class="caso-senas"><NetworkName network={one.network} /><span>{one.public ? 'Público' : 'Privado'}</span><span>{one.kind === 'blind' ? 'Auditoría ciega' : 'De los dudosos de ayer y hoy'}</span></p>
      <blockquote class="revision-texto">{one.text}</blockquote>
      <div role="group" aria-labelledby="que-pide" class="opciones">
        <h3 id="que-pide">¿Qué pide?</h3>
        {classes.map((c, i) => <Choice key={c} hot={String(i + 1)} on={intent === c} name={intents[c]} what={intentMeanings[c]} choose={() => choose({ intent: c })} />)}
      </div>
      <div role="group" aria-labelledby="que-urgencia" class="opciones">
        <h3 id="que-urgencia">¿Con qué urgencia?</h3>
        {urgencyKeys.map(([hot, u, name, what]) => <Choice key={u} hot={hot} on={urgency === u} name={name} what={what} choose={() => choose({ urgency: u })} />)}
      </div>
      <p class="botones">
        <button type="button" class="principal" aria-keyshortcuts="l" disabled={busy.value} onClick={save}>{busy.value ? 'Guardando…' : 'Listo'}</button>
        <button type="button" aria-keyshortcuts="j" disabled={busy.value} onClick={pass}>Saltar</button>
      </p>
    </section>
  );
}

function Choice({ hot, on, name, what, choose }: { hot: string; on: boolean; name: string; what: string; choose: () => void }) {
  return (
    <button type="button" class="opcion" aria-pressed={on} aria-keyshortcuts={hot} onClick={choose}>
      <kbd aria-hidden="true">{hot}</kbd><span><strong>{name}</strong> <span class="nota">{what}</span></span>
    </button>
  );
}
