/** How well the classifier does, in plain figures, with what to do when one is off. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Failure, request } from '../api';
import { moment } from '../clock';
import { count, dateOf, dayWords, number } from '../dates';
import { say } from '../focus';
import { me } from '../me';
import type { Intent } from '../types';
import { intents, networks } from '../words';
import { Empty, Failed, Loading } from '../ui/bits';
import { Mark, NetworkMark } from '../ui/icons';
import { Export } from './Export';
import { save } from './file';
import { Frame } from './Frame';
import type { FigureLevel, Figures, Report as Made, Week } from './types';
import { decimal, figures, levelWords, percent, shareWords } from './words';

const spans: [days: number, name: string][] = [[7, 'La última semana'], [28, 'Las últimas cuatro semanas'], [42, 'Las últimas seis semanas']];

const made = signal<{ report?: Made; failure?: Failure } | undefined>(undefined);

const day = 86_400_000;

/** The period against one as long before it, and never less than four weeks. */
function query(days: number): string {
  const from = moment.peek() - days * day;
  return new URLSearchParams({ from: new Date(from).toISOString(), refFrom: new Date(from - Math.max(days, 28) * day).toISOString() }).toString();
}

async function read(days: number): Promise<void> {
  try {
    made.value = { report: await request<Made>(`/api/v1/reports/clasificador?${query(days)}`) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    made.value = { failure: error };
  }
}

export function Report() {
  const [days, setDays] = useState(28);
  useEffect(() => void read(days), [days]);
  const now = made.value;
  return (
    <Frame title="Cómo le va al clasificador">
      <p class="intro">Compara lo que el modelo dice ahora con lo que decía antes y con lo que dicen las personas. No decide nada: avisa cuándo mirar.</p>
      <p class="eleccion-periodo">
        <label for="periodo">Período</label>{' '}
        <select id="periodo" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>{spans.map(([n, name]) => <option key={n} value={n}>{name}</option>)}</select>
      </p>
      {!now ? <Loading lines={6} what="Cargando las cifras" />
        : now.failure ? <Failed failure={now.failure} retry={() => void read(days)} />
        : now.report && <Whole r={now.report} days={days} />}
      {me.value?.may.exportModel && <Export />}
    </Frame>
  );
}

function Whole({ r, days }: { r: Made; days: number }) {
  const at = moment.value;
  const span = (p: Made['period']) => `del ${dayWords(dateOf(p.from), at)} al ${dayWords(dateOf(p.to), at)}`;
  const [wrong, setWrong] = useState('');
  const download = async () => {
    setWrong('');
    try {
      await save(`/api/v1/reports/clasificador?format=csv&${query(days)}`, 'clasificador.csv');
      say('Listo: revisa tus descargas.');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setWrong(error.words);
    }
  };
  return (
    <>
      <p>{count(r.total.mentions, 'mensaje', 'mensajes')} {span(r.period)}, contra {number(r.total.before)} {span(r.reference)}. {r.models.length > 0 && <>Modelo: {r.models.map((m) => <code key={m}>{m} </code>)}</>}{r.shadows.length > 0 && <>En prueba: {r.shadows.map((m) => <code key={m}>{m} </code>)}</>}</p>
      {r.total.mentions === 0 && <Empty title="En este período el modelo no leyó ningún mensaje." />}
      <ul class="cifras">{r.total.findings.map(({ code, level }) => <Figure key={code} f={r.total} code={code} level={level} />)}</ul>
      <Classes f={r.total} />
      <Confusions f={r.total} />
      <section aria-labelledby="por-red">
        <h2 id="por-red">Por red</h2>
        {r.networks.length === 0 ? <p>No hay mensajes.</p> : <ul class="cifras-redes">{r.networks.map((f) => <OfNetwork key={f.network} f={f} />)}</ul>}
      </section>
      <section aria-labelledby="por-semana">
        <h2 id="por-semana">Semana a semana</h2>
        <p class="nota">El PSI de una semana con menos de 100 mensajes no se muestra: sería azar.</p>
        <ul class="cifras-redes">{r.total.weeks.map((w) => <li key={w.monday}><h3>Semana del {dayWords(w.monday, at)}</h3><OfWeek w={w} /></li>)}</ul>
      </section>
      <p class="botones"><button type="button" onClick={() => void download()}>Descargar en CSV</button></p>
      {wrong && <p class="aviso malo" role="alert">{wrong}</p>}
    </>
  );
}

const marks: Record<FigureLevel, 'listo' | 'reloj' | 'alerta'> = { bien: 'listo', mirar: 'reloj', actuar: 'alerta', pocos: 'reloj' };

function Level({ level }: { level: FigureLevel }) {
  return <span class={`nivel ${level}`}><Mark name={marks[level]} />{levelWords[level]}</span>;
}

function Figure({ f, code, level }: { f: Figures; code: keyof typeof figures; level: FigureLevel }) {
  const { name, what, value, next } = figures[code];
  return (
    <li class={`cifra ${level}`}>
      <h2>{name}</h2>
      <p class="cifra-valor">{value(f)} <Level level={level} /></p>
      <p class="nota">{what}</p>
      <p><strong>Qué hacer:</strong> {next[level]}</p>
    </li>
  );
}

function Classes({ f }: { f: Figures }) {
  const share = (n: number, of: number) => (of === 0 ? 'sin datos' : percent(n / of));
  return (
    <section aria-labelledby="por-clase">
      <h2 id="por-clase">Qué clases dice el modelo</h2>
      <dl class="datos">{f.classes.map((c) => <Row key={c.intent} name={intents[c.intent]}>{share(c.count, f.mentions)} (antes {share(c.before, f.before)})</Row>)}</dl>
    </section>
  );
}

function Row({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <><dt>{name}</dt><dd>{children}</dd></>;
}

/** What people said and what the model had said instead, the most frequent first. */
function Confusions({ f }: { f: Figures }) {
  const wrong: [gold: Intent, said: Intent, n: number][] = [];
  for (const [gold, row] of Object.entries(f.blind.confusion)) for (const [said, n] of Object.entries(row ?? {})) if (gold !== said && n) wrong.push([gold as Intent, said as Intent, n]);
  if (wrong.length === 0) return null;
  wrong.sort((a, b) => b[2] - a[2]);
  return (
    <section aria-labelledby="confunde">
      <h2 id="confunde">Qué confunde, según la auditoría ciega</h2>
      <ul class="puntos">{wrong.map(([gold, said, n]) => <li key={gold + said}>{intents[gold]}: el modelo dijo {intents[said].toLowerCase()} {count(n, 'vez', 'veces')}</li>)}</ul>
    </section>
  );
}

function OfNetwork({ f }: { f: Figures }) {
  return (
    <li>
      <h3><NetworkMark network={f.network!} />{networks[f.network!]}</h3>
      <dl class="datos">
        <Row name="Mensajes">{number(f.mentions)} (antes {number(f.before)})</Row>
        {f.findings.map(({ code, level }) => <Row key={code} name={figures[code].name}>{figures[code].value(f)} <Level level={level} /></Row>)}
      </dl>
      <details>
        <summary>Semana a semana<span class="oculto"> en {networks[f.network!]}</span></summary>
        {f.weeks.map((w) => <div key={w.monday}><h4>Semana del {dayWords(w.monday, moment.value)}</h4><OfWeek w={w} /></div>)}
      </details>
    </li>
  );
}

function OfWeek({ w }: { w: Week }) {
  return (
    <dl class="datos">
      <Row name="Mensajes">{number(w.mentions)}</Row>
      <Row name="PSI">{decimal(w.psi)}</Row>
      <Row name="No conoce">{percent(w.unknown)}</Row>
      <Row name="Duda">{decimal(w.entropy)}</Row>
      <Row name="Correcciones">{shareWords(w.corrected)}</Row>
    </dl>
  );
}
