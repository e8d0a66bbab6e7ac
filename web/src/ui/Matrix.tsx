/** What each network allows: answers with their lengths, and what can be done with a text. */
import { useEffect } from 'preact/hooks';
import { number } from '../dates';
import { readRules, rules } from '../rules';
import type { Verb, Visibility } from '../types';
import { networks, unitWords } from '../words';
import { Mark, NetworkMark } from './icons';

const answers: [Visibility, string][] = [['public', 'Respuesta pública'], ['private', 'Respuesta privada']];
const verbs: [Verb, string][] = [['hide', 'Ocultar y mostrar'], ['like', 'Me gusta'], ['remove', 'Borrar una respuesta nuestra']];

export function Matrix() {
  useEffect(() => void readRules(), []);
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
              <Line name="Publicación" none={r.posts.byTemplate ? 'Solo salen plantillas aprobadas, a personas.' : undefined}>
                Hasta {number(r.posts.limit)} {unitWords[r.posts.unit]}{r.posts.needsMedia && ', con una imagen o un video'}
              </Line>
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
