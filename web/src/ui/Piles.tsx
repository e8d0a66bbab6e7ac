/** What waits for a person, and what arrived and could not be understood. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Failure } from '../api';
import { say } from '../focus';
import { emptyPile, pile, readMatters, readNext, readPile, type Pile } from '../matters';
import type { Matter, Quarantined } from '../types';
import { address, noFilters } from '../url';
import { faultWords, matterWords, workWords } from '../matterWords';
import { reasonWords, reserved } from '../words';
import { Sheet } from './Sheet';
import { Age, Empty, Failed, Loading } from './bits';
import { NetworkName } from './icons';

export function Attention() {
  useEffect(() => void readMatters(), []);
  return (
    <Sheet title="Atención">
      <p class="intro">Asuntos que el sistema no puede resolver solo. Cada uno dice qué hacer.</p>
      <PileView
        pile={pile.value ?? emptyPile}
        empty={<Empty title="Nada espera a una persona."><p>Cuando una respuesta o un envío a SIAC falle, aparecerá aquí.</p></Empty>}
        retry={() => void readMatters()}
        more={async () => { pile.value = await readNext('/api/v1/attention', pile.peek()!); }}
        line={(m) => <MatterLine key={`${m.ticket} ${m.post ?? ''} ${m.channel ?? ''} ${m.id}`} m={m} />}
      />
    </Sheet>
  );
}

function MatterLine({ m }: { m: Matter }) {
  const held = m.reason === reserved.code;
  const words = matterWords(m);
  const why = m.kind === 'work_overdue' ? workWords(m.reason) : reasonWords(m.reason);
  return (
    <li class="asunto">
      <h2>{words.what}</h2>
      <p class="meta">
        {m.network && <NetworkName network={m.network} />}
        <Age at={m.at} />
        {why && !held && <span>{m.kind === 'work_overdue' ? 'Trabajo' : 'Motivo'}: {why}</span>}
      </p>
      <p>{words.next}</p>
      {m.channel && <p><a href="/canales" data-dentro>Ver la cuenta en Canales</a></p>}
      {m.post && <PostLink m={m} id={m.post} />}
      {m.ticket && <p><a href={address(m.ticket, noFilters)} data-dentro>Abrir el caso{m.number && <> <span class="numero">{m.number}</span></>}</a></p>}
    </li>
  );
}

/** A matter of a publication: those to decide lie in Fallas, the others are read where they stand. */
function PostLink({ m, id }: { m: Matter; id: string }) {
  return ['post_unknown', 'post_refused', 'post_expired'].includes(m.kind)
    ? <p><a href="/fallas" data-dentro>Decidir en Fallas</a></p>
    : <p><a href={`/publicaciones/${encodeURIComponent(id)}`} data-dentro>Abrir la publicación</a></p>;
}

const kept = signal<Pile<Quarantined>>(emptyPile);
const readKept = async () => { kept.value = await readPile('/api/v1/quarantine', kept.peek()); };

export function Quarantine() {
  useEffect(() => void readKept(), []);
  return (
    <Sheet title="Cuarentena">
      <p class="intro">Entregas de las redes que no se pudieron entender. Sus bytes exactos quedan guardados para que TI los revise. Nada se perdió.</p>
      <PileView
        pile={kept.value}
        empty={<Empty title="No hay nada en cuarentena."><p>Todo lo que llegó se pudo entender.</p></Empty>}
        retry={() => void readKept()}
        more={async () => { kept.value = await readNext('/api/v1/quarantine', kept.peek()); }}
        line={(q) => (
          <li key={q.id} class="asunto">
            <h2>{faultWords(q.reason)}</h2>
            <p class="meta"><NetworkName network={q.network} /><span>Llegó <Age at={q.at} /></span><span>{size(q.size)}</span></p>
            <p>Si se repite, avisa a TI con este identificador: <code>{q.id}</code></p>
          </li>
        )}
      />
    </Sheet>
  );
}

const size = (bytes: number) => (bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`);

interface View<T> {
  pile: Pile<T>;
  empty: ComponentChildren;
  retry: () => void;
  more: () => Promise<void>;
  line: (item: T) => ComponentChildren;
}

function PileView<T>({ pile, empty, retry, more, line }: View<T>) {
  if (pile.state === 'cargando') return <Loading lines={4} what="Cargando" />;
  if (pile.state === 'error' && pile.failure) return <Failed failure={pile.failure} retry={retry} />;
  if (pile.items.length === 0) return <>{empty}</>;
  const next = () =>
    more().catch((error: unknown) => {
      if (error instanceof Failure) say(error.words);
      else throw error;
    });
  return (
    <>
      <ul class="asuntos">{pile.items.map(line)}</ul>
      {pile.next && <button type="button" class="ancho" onClick={() => void next()}>Cargar más</button>}
    </>
  );
}
