/** Publications in the words of those who make them. */
import { reasonWords } from '../words';
import type { Day, May, Post, PostState } from './types';

export const stateWords: Record<PostState, string> = {
  draft: 'Borrador', submitted: 'Por aprobar', approved: 'Aprobada, sin fecha', rejected: 'Rechazada', planned: 'Programada', claimed: 'Saliendo',
  sent: 'Publicada', unknown: 'No se sabe si salió', refused: 'No salió', expired: 'No alcanzó a salir', cancelled: 'Cancelada',
};

export type MarkName = 'alerta' | 'reloj' | 'listo' | 'lapiz' | 'veda' | 'dia';

export const stateMarks: Record<PostState, MarkName> = {
  draft: 'lapiz', submitted: 'reloj', approved: 'listo', rejected: 'alerta', planned: 'reloj', claimed: 'reloj',
  sent: 'listo', unknown: 'alerta', refused: 'alerta', expired: 'alerta', cancelled: 'veda',
};

/** How a state is coloured, besides its word and its drawing. */
export const stateTones: Record<PostState, '' | 'bien' | 'espera' | 'mal' | 'apagada'> = {
  draft: 'apagada', submitted: 'espera', approved: 'bien', rejected: 'mal', planned: '', claimed: '', sent: 'bien', unknown: 'mal', refused: 'mal', expired: 'mal', cancelled: 'apagada',
};

export const dayKinds: Record<Day['kind'], string> = { feriado: 'Feriado', veda: 'Veda', pausa: 'Pausa' };

/** "Veda electoral: no se publica". */
export const dayWords = (d: Day) => {
  const name = d.name.toLowerCase().startsWith(d.kind) ? d.name : `${dayKinds[d.kind]}: ${d.name}`;
  return d.blocks ? `${name} (no se publica)` : name;
};

export const allowed = (m: May | undefined) => (typeof m === 'object' ? m.allowed : m === true);
export const whyNot = (m: May | undefined) => (typeof m === 'object' ? m.why ?? '' : '');

/** Whether changing it takes its approval away. */
export const losesApproval = (p: Post) => Boolean(p.approval) && (p.state === 'approved' || p.state === 'planned');

const reasons: Record<string, string> = {
  sin_aprobar: 'nadie la aprobó antes de su hora', vencida: 'pasó su hora antes de que pudiera salir', no_encontrada: 'la buscamos en la red y no apareció',
  descartada: 'una persona la descartó', confirmada: 'una persona la vio en la red', content: 'la red no publica este contenido', media: 'la red no aceptó un archivo',
};

/** Why something became of a publication; a person's own words stay as they are. */
export const postReason = (code: string | undefined) => reasons[code ?? ''] ?? reasonWords(code);

/** Files by their kind and weight: "imagen JPEG, 1200 × 630, 240 kB". */
export function fileWords(f: { kind?: string; type?: string; size?: number; width?: number; height?: number; millis?: number }): string {
  const kinds: Record<string, string> = { image: 'imagen', gif: 'GIF', video: 'video' };
  const kind = kinds[f.kind ?? ''] ?? 'archivo';
  const type = f.type?.split('/')[1]?.toUpperCase() ?? '';
  const parts = [type && type !== kind.toUpperCase() ? `${kind} ${type}` : kind];
  if (f.width && f.height) parts.push(`${f.width} × ${f.height}`);
  if (f.millis) parts.push(f.millis < 60_000 ? `${Math.round(f.millis / 1000)} s` : `${Math.floor(f.millis / 60_000)} min ${Math.round((f.millis % 60_000) / 1000)} s`);
  if (f.size) parts.push(sizeWords(f.size));
  return parts.join(', ');
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0).replace('.', ',')} MB`;
}
