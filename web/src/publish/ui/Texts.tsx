/** What is said, and what one network says differently; with what there is to say of it. */
import { useState } from 'preact/hooks';
import { focusSoon, say } from '../../focus';
import { dialog } from '../../keys';
import type { Network } from '../../types';
import { Dialog } from '../../ui/bits';
import { Mark, NetworkMark } from '../../ui/icons';
import { networks } from '../../words';
import { postNetworks, textNetworks, type Form } from '../form';
import { place } from '../looks';
import { Room, roomOf } from './Preview';
import type { Finding } from '../types';
import { bad, FieldError, type FieldProps } from './WhenField';

export function NetworksField({ form, set, wrong }: FieldProps) {
  const offered = [...postNetworks, ...form.networks.filter((n) => !postNetworks.includes(n))];
  return (
    <fieldset class="pub-campos" {...(wrong?.field === 'networks' ? { 'aria-describedby': 'error-networks' } : {})}>
      <legend>En qué redes</legend>
      <div class="pub-redes-campo">
        {offered.map((n, i) => (
          <label key={n} class="casilla">
            <input id={i === 0 ? 'campo-networks' : undefined} type="checkbox" checked={form.networks.includes(n)} onChange={(e) => set({ networks: offered.filter((one) => (one === n ? e.currentTarget.checked : form.networks.includes(one))) })} />
            <span><NetworkMark network={n} />{networks[n]}</span>
          </label>
        ))}
      </div>
      <FieldError wrong={wrong} fields={['networks']} />
    </fieldset>
  );
}

export function TextField({ form, set, wrong }: FieldProps) {
  const [leaving, setLeaving] = useState<Network>();
  const shows = textNetworks(form);
  const apart = shows.filter((n) => form.variants[n]?.text !== undefined);
  const common = shows.filter((n) => !apart.includes(n));
  const detach = (n: Network) => {
    set({ variants: { ...form.variants, [n]: { ...form.variants[n], text: form.text } } });
    say(`${networks[n]} tiene ahora su propio texto.`);
    focusSoon(`campo-text-${n}`);
  };
  const join = (n: Network) => {
    const { text: _, ...rest } = form.variants[n] ?? {};
    const { [n]: _gone, ...others } = form.variants;
    set({ variants: Object.keys(rest).length > 0 ? { ...others, [n]: rest } : others });
    say(`${networks[n]} vuelve a decir lo mismo que las demás.`);
    focusSoon('campo-text');
  };
  const askJoin = (n: Network) => {
    if (form.variants[n]?.text === form.text) return join(n);
    setLeaving(n);
    dialog.value = 'variante';
  };
  return (
    <div class="pub-campos">
      <label for="campo-text">{apart.length > 0 ? 'Texto común' : 'Texto'}</label>
      <Area id="campo-text" value={form.text} rows={5} over={common.some((n) => (roomOf(n, form.text, form.link, form.media.length)?.left ?? 0) < 0)} wrong={wrong} field="text" onInput={(text) => set({ text })} />
      <p id="cuenta-text" class="cuentas">{common.map((n) => <Room key={n} network={n} text={form.text} link={form.link} files={form.media.length} />)}</p>
      <FieldError wrong={wrong} fields={['text']} />
      {shows.length > 1 && common.length > 0 && (
        <p class="botones">{common.map((n) => <button type="button" key={n} class="como-enlace" onClick={() => detach(n)}>Texto distinto para {networks[n]}</button>)}</p>
      )}
      {apart.map((n) => {
        const text = form.variants[n]?.text ?? '';
        return (
          <div key={n} class="variante">
            <label for={`campo-text-${n}`}><NetworkMark network={n} />Texto para {networks[n]}</label>
            <Area id={`campo-text-${n}`} value={text} rows={4} over={(roomOf(n, text, form.link, form.media.length)?.left ?? 0) < 0} wrong={wrong} field={`text-${n}`} count={`cuenta-${n}`} onInput={(value) => set({ variants: { ...form.variants, [n]: { ...form.variants[n], text: value } } })} />
            <p class="cuentas"><Room id={`cuenta-${n}`} network={n} text={text} link={form.variants[n]?.link ?? form.link} files={form.media.length} /></p>
            <FieldError wrong={wrong} fields={[`text-${n}`]} />
            <button type="button" class="como-enlace" onClick={() => askJoin(n)}>Volver al texto común<span class="oculto"> en {networks[n]}</span></button>
          </div>
        );
      })}
      {dialog.value === 'variante' && leaving && <JoinDialog network={leaving} join={() => join(leaving)} />}
    </div>
  );
}

function Area({ id, value, rows, over, wrong, field, count = 'cuenta-text', onInput }: { id: string; value: string; rows: number; over: boolean; wrong: FieldProps['wrong']; field: string; count?: string; onInput: (text: string) => void }) {
  const told = bad(wrong, field);
  return (
    <textarea
      id={id} rows={rows} dir="auto" value={value} aria-invalid={told['aria-invalid'] || over} aria-describedby={[count, told['aria-describedby']].filter(Boolean).join(' ')}
      placeholder="Escribe aquí. Un solo texto para todas las redes." onInput={(e) => onInput(e.currentTarget.value)}
    />
  );
}

function JoinDialog({ network, join }: { network: Network; join: () => void }) {
  const close = () => {
    dialog.value = '';
    focusSoon(`campo-text-${network}`);
  };
  return (
    <Dialog title="Volver al texto común" name="variante" close={close}>
      <p>Se pierde el texto que escribiste solo para {networks[network]}.</p>
      <p class="botones">
        <button type="button" class="principal" autofocus onClick={close}>Conservarlo</button>
        <button type="button" onClick={() => { dialog.value = ''; join(); }}>Volver al texto común</button>
      </p>
    </Dialog>
  );
}

/** The field a finding is about. */
function fieldOf(f: Finding, form: Form): string {
  switch (f.field) {
    case 'link':
      return 'campo-link';
    case 'media':
      return form.media.length > 0 ? 'campo-alt-0' : 'campo-media';
    case 'publishAt':
      return 'campo-publishAt';
    case 'networks':
      return 'campo-networks';
    case 'cases':
      return 'campo-cases';
    default:
      if (f.network === 'whatsapp') return 'campo-template';
      return f.network && form.variants[f.network]?.text !== undefined ? `campo-text-${f.network}` : 'campo-text';
  }
}

/** Goes to where a finding is, and marks the words. */
export function jump(f: Finding, form: Form): void {
  const field = document.getElementById(fieldOf(f, form));
  field?.focus();
  if (!(field instanceof HTMLTextAreaElement) || f.start === undefined) return;
  field.setSelectionRange(place(field.value, f.start), place(field.value, f.end ?? f.start));
}

/** The words a finding is about, as they stand in the text. */
function wordsOf(f: Finding, form: Form): string {
  if (f.end === undefined || (f.field !== undefined && f.field !== 'text')) return '';
  const text = (f.network && form.variants[f.network]?.text) || form.text;
  return text.slice(place(text, f.start ?? 0), place(text, f.end)).trim();
}

interface Group {
  first: Finding;
  words: string[];
  times: number;
}

/** What there is to say of it: what keeps it from going out, then what could be better; each thing once, with its words. */
export function Findings({ findings, form, go }: { findings: readonly Finding[]; form?: Form; go?: (f: Finding) => void }) {
  const groups = new Map<string, Group>();
  for (const f of [...findings].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))) {
    const key = `${f.level} ${f.network ?? ''} ${f.message}`;
    const group = groups.get(key) ?? { first: f, words: [], times: 0 };
    const words = form ? wordsOf(f, form) : '';
    if (words && !group.words.includes(words)) group.words.push(words);
    group.times++;
    groups.set(key, group);
  }
  if (groups.size === 0) return null;
  return (
    <ul class="hallazgos">
      {[...groups].map(([key, { first, words, times }]) => (
        <li key={key} class={first.level === 'error' ? 'malo' : undefined}>
          <Mark name="alerta" />
          <span>
            <strong>{first.level === 'error' ? 'Impide publicar' : 'Revisa'}{first.network && ` en ${networks[first.network]}`}:</strong> {first.message}
            {words.length > 0 && <span class="nota"> {words.slice(0, 4).map((w) => `«${w}»`).join(', ')}{words.length > 4 && '…'}</span>}
            {times > 1 && <span class="nota"> ({times} veces)</span>}
          </span>
          {go && <button type="button" class="como-enlace" onClick={() => go(first)}>Ir ahí<span class="oculto">: {first.message}</span></button>}
        </li>
      ))}
    </ul>
  );
}
