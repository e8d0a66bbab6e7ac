/** The files of the library: read, uploaded, described, taken away. */
import { signal } from '@preact/signals';
import { Failure, request, write } from '../api';
import { emptyPile, readNext, readPile, type Pile } from '../matters';
import type { File_ } from './types';

const path = '/api/v1/library';
const one = (id: string) => `${path}/${encodeURIComponent(id)}`;

export const files = signal<Pile<File_>>(emptyPile);

export const readFiles = async () => show(await readPile<File_>(path, files.peek()));
export const moreFiles = async () => show(await readNext<File_>(path, files.peek()));

function show(pile: Pile<File_>): void {
  files.value = pile;
  // An address that opens a file now is as good as one asked for; those on screen stay.
  const fresh = pile.items.flatMap((f) => (f.url && !pictures.peek()[f.id] ? [[f.id, f.url] as const] : []));
  if (fresh.length > 0) pictures.value = { ...pictures.peek(), ...Object.fromEntries(fresh) };
}

export function takeFile(f: File_): void {
  const held = files.peek();
  if (held.state !== 'lista') return;
  files.value = { ...held, items: held.items.some((old) => old.id === f.id) ? held.items.map((old) => (old.id === f.id ? { ...old, ...f } : old)) : [f, ...held.items] };
}

/** Addresses that show a file for a while, by its id. */
export const pictures = signal<Record<string, string>>({});
const asked = new Set<string>();

export async function readPicture(id: string, again = false): Promise<void> {
  if (asked.has(id) && !again) return;
  asked.add(id);
  try {
    const { url } = await request<{ url: string }>(`${one(id)}/content?as=link`);
    pictures.value = { ...pictures.peek(), [id]: url };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    asked.delete(id);
  }
}

/** A file on its way up. */
export interface Upload {
  key: string;
  name: string;
  share: number;
  failure?: string;
}

export const uploads = signal<readonly Upload[]>([]);

function note(key: string, fields: Partial<Upload>): void {
  uploads.value = uploads.peek().map((u) => (u.key === key ? { ...u, ...fields } : u));
}

export const dismissUpload = (key: string) => { uploads.value = uploads.peek().filter((u) => u.key !== key); };

/** What goes through the service itself; more goes straight to where the files lie. */
const small = 4 << 20;
const largest = 1 << 30;

export const acceptedTypes = 'image/jpeg,image/png,image/gif,image/webp,video/mp4,video/quicktime';

/** Brings a file into the library; nothing comes of one that was refused, and its line says why. */
export async function upload(file: File): Promise<File_ | undefined> {
  const key = `${file.name} ${file.size} ${file.lastModified}`;
  uploads.value = [...uploads.peek().filter((u) => u.key !== key), { key, name: file.name, share: 0 }];
  if (!acceptedTypes.split(',').includes(file.type)) return void note(key, { failure: 'Solo imágenes JPEG, PNG, GIF o WebP, y videos MP4 o MOV.' });
  if (file.size > largest) return void note(key, { failure: 'Pesa más de 1 GB. Comprímelo antes de subirlo.' });
  try {
    const made = file.size <= small
      ? await write<File_>(`${path}?name=${encodeURIComponent(file.name)}`, file, `library ${key}`)
      : await large(file, key);
    if (made.state === 'refused') return void note(key, { failure: made.reason || 'No se pudo leer el archivo.' });
    dismissUpload(key);
    takeFile(made);
    return made;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    note(key, { failure: error.words });
    return undefined;
  }
}

/** What is asked of who puts a file where the files lie. */
interface Door {
  id: string;
  url: string;
  method: string;
  headers: Record<string, string>;
}

async function large(file: File, key: string): Promise<File_> {
  const door = await write<Door | File_>(`${path}/uploads`, { name: file.name, type: file.type, size: file.size }, `uploads ${key}`);
  if (!('method' in door)) return door; // it is there already
  await put(door, file, (share) => note(key, { share }));
  return write<File_>(`${path}/uploads/${encodeURIComponent(door.id)}/done`, {});
}

/** fetch does not tell how far a body has gone. */
function put(door: Door, file: File, progress: (share: number) => void): Promise<void> {
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest();
    const failed = (status: number) => fail(new Failure({ status, title: 'No se pudo subir', detail: 'El archivo no llegó completo. Revisa tu conexión y súbelo de nuevo.' }));
    call.open(door.method, door.url);
    for (const [name, value] of Object.entries(door.headers)) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    call.onload = () => (call.status >= 200 && call.status < 300 ? done() : failed(call.status));
    call.onerror = () => failed(0);
    call.send(file);
  });
}

export async function describe(f: File_, alt: string): Promise<void> {
  takeFile(await write<File_>(one(f.id), { alt }, undefined, 'PATCH'));
}

export async function removeFile(f: File_): Promise<void> {
  await write<unknown>(one(f.id), {}, undefined, 'DELETE');
  files.value = { ...files.peek(), items: files.peek().items.filter((one) => one.id !== f.id) };
}
