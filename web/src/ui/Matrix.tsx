/** What each network allows: answers with their lengths, and what can be done with a text. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Failure, request } from '../api';
import { number } from '../dates';
import type { Page, Rules, Verb, Visibility } from '../types';
import { networks, unitWords } from '../words';
import { Mark, NetworkMark } from './icons';

const rules = signal<Rules[]>([]);

async function read(): Promise<void> {
  if (rules.peek().length > 0) return;
  try {
    rules.value = (await request<Page<Rules>>('/api/v1/rules')).items;
  } catch (error) {
    if (!(error instanceof Failure)) throw error; // the accounts above say what is wrong
  }
}

const answers: [Visibility, string][] = [['public', 'Respuesta pública'], ['private', 'Respuesta privada']];
const verbs: [Verb, string][] = [['hide', 'Ocultar y mostrar'], ['like', 'Me gusta'], ['remove', 'Borrar una respuesta nuestra']];

export function Matrix() {
  useEffect(() => void read(), []);
  if (rules.value.length === 0) return null;
  return (
    <section class="matriz" aria-labelledby="matriz">
      <h2 id="matriz">Qué permite cada red</h2>
      <ul>
        {rules.value.map((r) => (
          <li key={r.network}>
            <h3><NetworkMark network={r.network} />{networks[r.network]}</h3>
            <dl>
              {answers.map(([v, name]) => {
                const a = r.answers[v];
                return <Line key={v} name={name} none={a.none}>Hasta {number(a.limit ?? 0)} {unitWords[a.unit ?? 'characters']}</Line>;
              })}
              {verbs.map(([v, name]) => <Line key={v} name={name} none={r.acts[v].none}>Sí</Line>)}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ name, none, children }: { name: string; none: string | undefined; children: preact.ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{none ? <span class="por-que">No. {none}</span> : <><Mark name="listo" />{children}</>}</dd></div>;
}
