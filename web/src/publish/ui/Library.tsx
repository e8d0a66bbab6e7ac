/** The library: every file with the words that say what it shows, and where it is used. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../../api';
import { count } from '../../dates';
import { focusSoon, say, titleId } from '../../focus';
import { me } from '../../me';
import { Empty, Failed, Loading } from '../../ui/bits';
import { Mark } from '../../ui/icons';
import { describe, files, moreFiles, readFiles, removeFile, upload } from '../library';
import { Uploader } from './MediaField';
import { Frame } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { Picture } from './Preview';
import type { File_ } from '../types';
import { allowed, fileWords, whyNot } from '../words';

/** How long a file that was taken away can be had back: only then the service is told. */
const undoFor = 10_000;

export function Library() {
  const [gone, setGone] = useState<{ f: File_; timer: ReturnType<typeof setTimeout> }>();
  const [refusal, setRefusal] = useState<{ id: string; words: string }>();
  useEffect(() => void readFiles(), []);
  useScreenKeys({}, []);
  const { items, state, failure, next } = files.value;
  const really = async (f: File_) => {
    setGone(undefined);
    try {
      await removeFile(f);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setRefusal({ id: f.id, words: error.words });
      say(error.words);
    }
  };
  const take = (f: File_) => {
    if (gone) {
      clearTimeout(gone.timer);
      void really(gone.f);
    }
    setRefusal(undefined);
    setGone({ f, timer: setTimeout(() => void really(f), undoFor) });
    say(`Borraste ${f.name ?? 'el archivo'}. Puedes deshacerlo.`);
    focusSoon('deshacer-archivo');
  };
  const back = () => {
    if (!gone) return;
    clearTimeout(gone.timer);
    setGone(undefined);
    say('El archivo sigue en la biblioteca.');
    focusSoon(`archivo-${gone.f.id}`, titleId);
  };
  const shownFiles = items.filter((f) => f.id !== gone?.f.id);
  return (
    <Frame title="Biblioteca">
      <p class="intro">Imágenes y videos para publicar. Cada uno lleva en palabras lo que se ve: así lo entiende quien no puede verlo.</p>
      {me.value?.may.post && <div class="pub-campos" onDragOver={(e) => e.dataTransfer?.types.includes('Files') && e.preventDefault()} onDrop={(e) => { if (e.dataTransfer?.files.length) { e.preventDefault(); void bringAll(e.dataTransfer.files); } }}><Uploader id="subir" bring={bringAll} /></div>}
      {gone && <p class="nota-breve deshacer-barra"><span>Borraste <bdi>{gone.f.name}</bdi>.</span> <button type="button" id="deshacer-archivo" onClick={back}>Deshacer</button></p>}
      {state === 'error' && failure ? <Failed failure={failure} retry={() => void readFiles()} />
        : state === 'cargando' ? <Loading lines={4} what="Cargando la biblioteca" />
        : shownFiles.length === 0 ? <Empty title="La biblioteca está vacía."><p>Sube el primer archivo desde tu computador.</p></Empty>
        : <ul class="archivos grandes">{shownFiles.map((f) => <Card key={f.id} f={f} take={() => take(f)} refusal={refusal?.id === f.id ? refusal.words : ''} />)}</ul>}
      {next && <button type="button" class="ancho" onClick={() => void moreFiles()}>Cargar más</button>}
    </Frame>
  );
}

async function bringAll(list: FileList | null): Promise<void> {
  for (const file of [...(list ?? [])]) {
    const made = await upload(file);
    if (!made) continue;
    say(`Subiste ${file.name}. Escribe qué se ve.`);
    focusSoon(`alt-${made.id}`);
  }
}

function Card({ f, take, refusal }: { f: File_; take: () => void; refusal: string }) {
  const [alt, setAlt] = useState(f.alt ?? '');
  const [told, setTold] = useState('');
  const save = async () => {
    try {
      await describe(f, alt.trim());
      setTold('');
      say('Guardaste la descripción.');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setTold(error.words);
    }
  };
  const may = me.value?.may.post && (f.may?.edit === undefined || allowed(f.may.edit));
  const why = whyNot(f.may?.remove);
  return (
    <li>
      <h2 id={`archivo-${f.id}`} tabIndex={-1}><bdi>{f.name || fileWords(f)}</bdi></h2>
      <Picture file={f} />
      <p class="nota">{fileWords(f)}. {f.uses !== undefined && (f.uses > 0 ? `En ${count(f.uses, 'publicación', 'publicaciones')}.` : 'Sin usar.')}</p>
      {may ? (
        <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
          <label for={`alt-${f.id}`}>Qué se ve</label>
          <textarea id={`alt-${f.id}`} rows={2} maxLength={1000} value={alt} aria-invalid={told !== ''} onInput={(e) => setAlt(e.currentTarget.value)} />
          {told && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{told}</p>}
          {!f.alt && !alt.trim() && <p class="aviso-texto"><Mark name="alerta" />Sin descripción no se publica.</p>}
          <p class="botones">
            {alt.trim() !== (f.alt ?? '') && <button type="submit">Guardar la descripción</button>}
            <button type="button" class="como-enlace" disabled={Boolean(why)} aria-describedby={why ? `no-borrar-${f.id}` : undefined} onClick={take}>Borrar<span class="oculto"> {f.name}</span></button>
          </p>
        </form>
      ) : <p>{f.alt || 'Sin descripción.'}</p>}
      {why && may && <p id={`no-borrar-${f.id}`} class="por-que">No se puede borrar: {why}</p>}
      {refusal && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{refusal}</p>}
    </li>
  );
}
