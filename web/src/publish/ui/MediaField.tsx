/** The pictures and videos of a publication: from the library or from this computer, each with words for who does not see it. */
import { useEffect, useState } from 'preact/hooks';
import { focusSoon, say } from '../../focus';
import { dialog } from '../../keys';
import { Dialog, Empty, Failed, Loading } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { acceptedTypes, dismissUpload, files, moreFiles, readFiles, upload, uploads } from '../library';
import { Picture } from './Preview';
import type { Attached, File_ } from '../types';
import { bad, FieldError, type FieldProps } from './WhenField';
import { fileWords } from '../words';

const attached = ({ id, alt, kind, type, size, width, height, millis }: File_): Attached =>
  JSON.parse(JSON.stringify({ id, alt: alt ?? '', kind, type, size, width, height, millis })) as Attached;

export function MediaField({ form, set, wrong, latest }: FieldProps & { latest: () => Attached[] }) {
  const [over, setOver] = useState(false);
  const add = (f: File_) => {
    const held = latest();
    if (held.some((m) => m.id === f.id)) return;
    set({ media: [...held, attached(f)] });
    say(`Agregaste ${f.name ?? 'un archivo'}. Falta su descripción: escríbela.`);
    focusSoon(`campo-alt-${held.length}`);
  };
  const bring = async (list: FileList | null | undefined) => {
    for (const file of [...(list ?? [])]) {
      const made = await upload(file);
      if (made) add(made);
    }
  };
  const change = (at: number, fields: Partial<Attached>) => set({ media: form.media.map((m, i) => (i === at ? { ...m, ...fields } : m)) });
  const swap = (at: number, step: number) => {
    const media = [...form.media];
    const [moved] = media.splice(at, 1);
    media.splice(at + step, 0, moved!);
    set({ media });
    say(`Quedó en el lugar ${at + step + 1} de ${media.length}.`);
  };
  return (
    <fieldset
      class={`pub-campos pub-medios${over ? ' encima' : ''}`}
      onDragOver={(e) => { if (e.dataTransfer?.types.includes('Files')) { e.preventDefault(); setOver(true); } }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => { if (e.dataTransfer?.files.length) { e.preventDefault(); setOver(false); void bring(e.dataTransfer.files); } }}
    >
      <legend>Imágenes y videos</legend>
      {form.media.length > 0 && (
        <ol class="medios">
          {form.media.map((m, i) => (
            <li key={m.id}>
              <Picture file={m} />
              <div>
                <p class="nota">{fileWords(m)}</p>
                <label for={`campo-alt-${i}`}>Qué se ve (obligatorio)</label>
                <textarea id={`campo-alt-${i}`} rows={2} maxLength={1000} value={m.alt} aria-required={true} {...bad(wrong, `alt-${i}`)} onInput={(e) => change(i, { alt: e.currentTarget.value })} />
                <FieldError wrong={wrong} fields={[`alt-${i}`]} />
                <p class="botones">
                  {i > 0 && <button type="button" class="como-enlace" onClick={() => swap(i, -1)}>Antes<span class="oculto">: mover el archivo {i + 1}</span></button>}
                  {i < form.media.length - 1 && <button type="button" class="como-enlace" onClick={() => swap(i, 1)}>Después<span class="oculto">: mover el archivo {i + 1}</span></button>}
                  <button type="button" class="como-enlace" onClick={() => { set({ media: form.media.filter((_, at) => at !== i) }); focusSoon('campo-media'); }}>Quitar<span class="oculto"> el archivo {i + 1}</span></button>
                </p>
              </div>
            </li>
          ))}
        </ol>
      )}
      <p class="botones">
        <button type="button" onClick={() => (dialog.value = 'biblioteca')}>Elegir de la biblioteca</button>
      </p>
      <Uploader id="campo-media" bring={bring} wrong={wrong?.field === 'media'} />
      <FieldError wrong={wrong} fields={['media']} />
      {dialog.value === 'biblioteca' && <Picker have={form.media.map((m) => m.id)} pick={add} />}
    </fieldset>
  );
}

/** Files from this computer: chosen, or dropped on the field around. */
export function Uploader({ id, bring, wrong }: { id: string; bring: (list: FileList | null) => Promise<void>; wrong?: boolean }) {
  return (
    <div>
      <label for={id}>Subir desde tu computador, o arrastra aquí</label>
      <input id={id} type="file" multiple accept={acceptedTypes} aria-invalid={wrong ?? false} onChange={(e) => { const input = e.currentTarget; void bring(input.files).then(() => (input.value = '')); }} />
      {uploads.value.length > 0 && (
        <ul class="subidas" role="status">
          {uploads.value.map((u) => (
            <li key={u.key}>
              <bdi>{u.name}</bdi>{' '}
              {u.failure ? <><span class="aviso-texto malo"><Mark name="alerta" />{u.failure}</span> <button type="button" class="como-enlace" onClick={() => dismissUpload(u.key)}>Entendido<span class="oculto">: {u.name}</span></button></>
                : <><progress max={1} value={u.share || undefined} aria-label={`Subiendo ${u.name}`} /> {u.share > 0 ? `${Math.round(u.share * 100)} %` : 'Subiendo…'}</>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Picker({ have, pick }: { have: string[]; pick: (f: File_) => void }) {
  const close = () => {
    dialog.value = '';
    focusSoon('campo-media');
  };
  const held = files.value;
  useEffect(() => void readFiles(), []);
  return (
    <Dialog title="Elegir de la biblioteca" name="biblioteca" close={close}>
      {held.state === 'cargando' ? <Loading lines={4} what="Cargando la biblioteca" />
        : held.state === 'error' && held.failure ? <Failed failure={held.failure} retry={() => void readFiles()} />
        : held.items.length === 0 ? <Empty title="La biblioteca está vacía."><p>Sube el primer archivo desde tu computador.</p></Empty>
        : (
          <ul class="archivos">
            {held.items.map((f) => (
              <li key={f.id}>
                <Picture file={f} />
                <p class="nota"><bdi>{f.name}</bdi> {fileWords(f)}</p>
                <button type="button" disabled={have.includes(f.id)} onClick={() => { dialog.value = ''; pick(f); }}>{have.includes(f.id) ? 'Ya está' : 'Elegir'}<span class="oculto"> {f.name ?? f.alt}</span></button>
              </li>
            ))}
          </ul>
        )}
      {held.next && <button type="button" class="ancho" onClick={() => void moreFiles()}>Cargar más</button>}
      <p class="botones"><button type="button" onClick={close}>Volver</button></p>
    </Dialog>
  );
}
