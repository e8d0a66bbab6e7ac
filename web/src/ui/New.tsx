/** A case typed in by hand: what somebody wrote where no network tells us of it. */
import { useState } from 'preact/hooks';
import { Failure, write } from '../api';
import { takeStory } from '../cases';
import { draft, setDraft } from '../drafts';
import { now } from '../clock';
import { caseTitleId, focusSoon, say } from '../focus';
import type { Network, Ticket, Visibility } from '../types';
import { address, go, noFilters } from '../url';
import { networks } from '../words';
import { Sheet } from './Sheet';
import { localTime } from './Deeds';
import { Mark } from './icons';

interface File_ {
  id: string;
  name: string;
}

interface Form {
  network: Network | '';
  visibility: Visibility | '';
  text: string;
  name: string;
  handle: string;
  at: string;
  link: string;
  source: string;
  files: File_[];
}

const empty: Form = { network: '', visibility: '', text: '', name: '', handle: '', at: '', link: '', source: '', files: [] };

/** The draft stands beside those of the replies: kept in this tab, and taken away by leaving. */
const draftId = 'nuevo';

function kept(): Form {
  try {
    return { ...empty, ...(JSON.parse(draft(draftId).peek()) as Partial<Form>) };
  } catch {
    return empty;
  }
}

/** Pictures to look at, by the id of their file; only as long as the page is open. */
const previews = new Map<string, string>();

const asDataURL = (file: Blob) =>
  new Promise<string>((done) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.readAsDataURL(file);
  });

const maxFile = 4 << 20;
const maxFiles = 10;

interface Wrong {
  field: string;
  words: string;
  ticket?: Ticket | undefined;
}

export function New() {
  const [form, setForm] = useState(kept);
  const [wrong, setWrong] = useState<Wrong>();
  const [doing, setDoing] = useState('');
  const [reserved, setReserved] = useState('');
  const set = (change: Partial<Form>) => {
    const next = { ...form, ...change };
    setForm(next);
    setDraft(draftId, JSON.stringify(next) === JSON.stringify(empty) ? '' : JSON.stringify(next));
    setReserved('');
  };
  const refuse = (w: Wrong) => {
    setWrong(w);
    say(w.words);
    focusSoon(`nuevo-${w.field}`, 'nuevo-error');
  };
  const refused = (error: unknown, field?: string) => {
    if (!(error instanceof Failure)) throw error;
    refuse({ field: field ?? error.problem.campo ?? '', words: error.words, ticket: error.problem.ticket });
  };
  const attach = async (input: HTMLInputElement) => {
    setWrong(undefined);
    let files = form.files;
    for (const file of [...(input.files ?? [])]) {
      if (files.length >= maxFiles) return refuse({ field: 'evidence', words: `Adjunta hasta ${maxFiles} archivos.` });
      if (file.size > maxFile) return refuse({ field: 'evidence', words: `«${file.name}» pesa más de 4 MB.` });
      setDoing(file.name);
      try {
        const { id } = await write<{ id: string }>('/api/v1/media', file, `media ${file.name} ${file.size} ${file.lastModified}`);
        if (file.type.startsWith('image/')) previews.set(id, await asDataURL(file));
        files = [...files.filter((f) => f.id !== id), { id, name: file.name }];
        set({ files });
        say(`Adjuntaste ${file.name}.`);
      } catch (error) {
        refused(error, 'evidence');
        break;
      } finally {
        setDoing('');
      }
    }
    input.value = '';
  };
  const send = async () => {
    if (doing) return;
    setWrong(undefined);
    if (!form.network) return refuse({ field: 'network', words: 'Elige la red.' });
    if (!form.visibility) return refuse({ field: 'visibility', words: 'Indica si lo escribió en público o en privado.' });
    if (!form.text.trim() && form.files.length === 0) return refuse({ field: 'text', words: 'Escribe o pega lo que dijo la persona.' });
    const when = Date.parse(form.at);
    const { files, at: _, ...texts } = form;
    const order = { ...texts, evidence: files.map((f) => f.id), ...(Number.isNaN(when) ? {} : { at: new Date(when).toISOString() }) };
    setDoing('caso');
    try {
      const made = await write<Ticket & { detail?: string }>('/api/v1/tickets', order);
      setDraft(draftId, '');
      setForm(empty);
      if (!made.id) {
        setReserved(made.detail ?? '');
        return focusSoon('nuevo-reservado');
      }
      takeStory(made);
      go(address(made.id, noFilters));
      say(`Ingresaste el caso ${made.number}.`);
      focusSoon(caseTitleId);
    } catch (error) {
      refused(error);
    } finally {
      setDoing('');
    }
  };
  const bad = (field: string) => ({ 'aria-invalid': wrong?.field === field, 'aria-describedby': wrong?.field === field ? `error-${field}` : undefined });
  const error = (field: string) => wrong?.field === field && <p id={`error-${field}`} class="aviso-texto malo"><Mark name="alerta" />{wrong.words}</p>;
  const field = (id: 'name' | 'handle' | 'source', label: string) => (
    <div>
      <label for={`nuevo-${id}`}>{label}</label>
      <input id={`nuevo-${id}`} type="text" autocomplete="off" maxLength={200} value={form[id]} {...bad(id)} onInput={(e) => set({ [id]: e.currentTarget.value })} />
      {error(id)}
    </div>
  );
  return (
    <Sheet title="Ingresar un caso a mano">
      <p class="intro">Para lo que una persona escribió donde ninguna red nos avisa. El caso sigue el mismo camino que los demás; la respuesta se da en la red y se registra aquí.</p>
      {reserved && <p id="nuevo-reservado" class="aviso cambio" tabIndex={-1}><strong>Ingresado.</strong> {reserved}</p>}
      <form class="formulario" noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div>
          <label for="nuevo-network">Red</label>
          <select id="nuevo-network" value={form.network} {...bad('network')} onChange={(e) => set({ network: e.currentTarget.value as Network })}>
            <option value="">Elige</option>
            {(Object.keys(networks) as Network[]).map((n) => <option key={n} value={n}>{networks[n]}</option>)}
          </select>
          {error('network')}
        </div>
        <fieldset>
          <legend>Dónde lo escribió</legend>
          {(['public', 'private'] as const).map((v, i) => (
            <label key={v} class="casilla">
              <input id={i === 0 ? 'nuevo-visibility' : undefined} type="radio" name="nuevo-visibilidad" checked={form.visibility === v} {...bad('visibility')} onChange={() => set({ visibility: v })} />{' '}
              <span>{v === 'public' ? 'En público: lo ve todo el mundo' : 'En privado: nos lo escribió solo a nosotros'}</span>
            </label>
          ))}
          {error('visibility')}
        </fieldset>
        <div>
          <label for="nuevo-text">Lo que escribió, tal cual</label>
          <textarea id="nuevo-text" rows={5} dir="auto" value={form.text} {...bad('text')} onInput={(e) => set({ text: e.currentTarget.value })} />
          {error('text')}
        </div>
        {field('name', 'Nombre de la persona en la red (opcional)')}
        {field('handle', 'Usuario de la persona (opcional)')}
        <div>
          <label for="nuevo-at">Cuándo lo escribió (opcional)</label>
          <input id="nuevo-at" type="datetime-local" max={localTime(now())} value={form.at} {...bad('at')} onInput={(e) => set({ at: e.currentTarget.value })} />
          <p class="nota">El plazo cuenta desde entonces; si no se sabe, desde ahora.</p>
          {error('at')}
        </div>
        <div>
          <label for="nuevo-link">Enlace (opcional)</label>
          <input id="nuevo-link" type="url" placeholder="https://…" value={form.link} {...bad('link')} onInput={(e) => set({ link: e.currentTarget.value })} />
          {error('link')}
        </div>
        {field('source', 'De dónde lo sacaste (opcional)')}
        <div>
          <label for="nuevo-evidence">Evidencia: imágenes o PDF de hasta 4 MB (opcional)</label>
          <input id="nuevo-evidence" type="file" multiple accept="image/png,image/jpeg,image/webp,application/pdf" disabled={doing !== ''} {...bad('evidence')} onChange={(e) => void attach(e.currentTarget)} />
          {error('evidence')}
          {doing && doing !== 'caso' && <p role="status">Subiendo {doing}…</p>}
          {form.files.length > 0 && (
            <ul class="evidencia">
              {form.files.map((f) => (
                <li key={f.id}>
                  {previews.get(f.id) && <img src={previews.get(f.id)} alt="" />}
                  <bdi>{f.name}</bdi>
                  <button type="button" class="como-enlace" onClick={() => { set({ files: form.files.filter((one) => one.id !== f.id) }); focusSoon('nuevo-evidence'); }}>Quitar<span class="oculto"> {f.name}</span></button>
                </li>
              ))}
            </ul>
          )}
        </div>
        {wrong && !document.getElementById(`nuevo-${wrong.field}`) && (
          <div id="nuevo-error" class="aviso malo" role="alert" tabIndex={-1}>
            <p>{wrong.words}</p>
            {wrong.ticket && <p><a href={address(wrong.ticket.id, noFilters)} data-dentro>Abrir el caso {wrong.ticket.number}</a></p>}
          </div>
        )}
        <p class="botones">
          <button type="submit" class="principal" disabled={doing !== ''}>{doing === 'caso' ? 'Ingresando…' : 'Ingresar el caso'}</button>
          <a class="boton secundario" href="/" data-dentro>Volver</a>
        </p>
      </form>
    </Sheet>
  );
}
