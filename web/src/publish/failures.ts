/** Posts that did not go out as they should: what happened, and what a person can do about it. */
import type { Network } from '../types';
import { networks } from '../words';
import { targetsOf } from './grid';
import { allowed, postReason } from './words';
import type { Post, Target, TargetState } from './types';

export interface Failure_ {
  post: Post;
  network: Network;
  /** The network, or which of the people whom a template goes to. */
  name: string;
  target: Target;
}

export type Settle = 'retry' | 'discard' | 'published';

const failing: readonly TargetState[] = ['unknown', 'refused', 'expired'];

/** What waits for a person in these posts, each network by itself. */
export function failuresOf(posts: readonly Post[]): Failure_[] {
  return posts.flatMap((post) => targetsOf(post).filter((t) => failing.includes(t.target.state)).map((t) => ({ post, ...t })));
}

/** The fault is ours or the account's: the text need not change. */
const ours: readonly string[] = ['auth', 'permission', 'credentials', 'revocado', 'bloqueado', 'channel_paused', 'channel_closed', 'channel_budget', 'channel_spend', 'foreign_host'];
const content: readonly string[] = ['content', 'invalid', 'media', 'duplicate'];

/** What happened, and what to do next. */
export function failureWords({ network, target }: Pick<Failure_, 'network' | 'target'>): { what: string; why: string; next: string } {
  const name = networks[network];
  const why = postReason(target.reason);
  const reason = target.reason ?? '';
  switch (target.state) {
    case 'unknown':
      return {
        what: `No se sabe si salió en ${name}`, why,
        next: `Mira en ${name} si está publicada. Si está, elige «Sí se publicó». Si no está, elige «Reintentar». Nada se publica dos veces sin que tú lo digas.`,
      };
    case 'expired':
      return { what: `No alcanzó a salir en ${name}`, why, next: 'Pasó su hora. Si todavía sirve, elige «Reintentar» y sale ahora; si no, descártala.' };
    case 'refused':
      if (ours.includes(reason)) return { what: `No salió en ${name}`, why, next: 'El texto no tiene la culpa. Mira la cuenta en Canales; cuando funcione, elige «Reintentar».' };
      if (content.includes(reason)) return { what: `${name} no aceptó la publicación`, why, next: 'Ábrela, haz una copia, corrígela según el motivo y envíala. Después descarta esta.' };
      return { what: `${name} rechazó la publicación`, why, next: 'Si el motivo ya pasó, elige «Reintentar». Si no, ábrela, haz una copia corregida y descarta esta.' };
    case 'planned':
    case 'claimed':
    case 'sent':
    case 'cancelled':
      return { what: name, why, next: '' };
  }
}

export const settleWords: Record<Settle, { button: string; doing: string; done: string; key: string }> = {
  retry: { button: 'Reintentar', doing: 'Reintentando…', done: 'saldrá de nuevo', key: 'r' },
  published: { button: 'Sí se publicó', doing: 'Guardando…', done: 'quedó como publicada', key: 'p' },
  discard: { button: 'Descartar', doing: 'Descartando…', done: 'quedó descartada', key: 'd' },
};

/** What may be decided of a failure, the likeliest first. */
export function settlesOf(f: Failure_): Settle[] {
  const may = (s: Settle) => f.post.may?.[s] === undefined || allowed(f.post.may[s]);
  const all: Settle[] = f.target.state === 'unknown' ? ['published', 'retry', 'discard'] : ['retry', 'discard', 'published'];
  return all.filter(may);
}
