/** The bitácora of a publication in words. */
import { fullWords } from '../dates';
import type { Line } from '../history';
import type { Event, Network } from '../types';
import { networks } from '../words';
import { postReason } from './words';

const on = (e: Event) => {
  const network = e.facts?.network as Network | undefined;
  return network ? ` en ${networks[network] ?? network}` : '';
};
const why = (e: Event) => (e.reason ? `: ${postReason(e.reason)}` : '');

const deeds: Record<string, (e: Event) => string> = {
  'post.drafted': () => 'escribió la publicación',
  'post.edited': (e) => `cambió la publicación${e.reason === 'aprobacion_retirada' ? ': la aprobación quedó retirada' : ''}`,
  'post.submitted': () => 'la envió a aprobación',
  'post.approved': (e) => (e.facts?.emergency ? `la publicó por emergencia. Motivo: ${e.reason ?? ''}` : 'la aprobó'),
  'post.rejected': () => 'la rechazó',
  'post.cancelled': () => 'la canceló',
  'post.lapsed': () => 'registró que nadie la aprobó a tiempo',
  'post.reviewed': () => 'revisó lo que se publicó por emergencia',
  'post.planned': (e) => `la programó${on(e)}`,
  'post.prepared': (e) => `llevó sus archivos${on(e)}`,
  'post.sent': (e) => `la publicó${on(e)}`,
  'post.unknown': (e) => `no sabe si salió${on(e)}${why(e)}`,
  'post.refused': (e) => `registró que no salió${on(e)}${why(e)}`,
  'post.expired': (e) => `registró que no alcanzó a salir${on(e)}${why(e)}`,
  'post.delayed': (e) => `volverá a intentarlo${on(e)}${why(e)}`,
  'post.retried': (e) => `pidió intentarlo de nuevo${on(e)}`,
  'post.discarded': (e) => `la descartó${on(e)}`,
  'post.withdrawn': (e) => `la sacó de lo programado${on(e)}`,
  'post.confirmed': (e) => `vio que sí está publicada${on(e)}`,
  'post.rewritten': (e) => `registró que la cambiaron en la red${on(e)}`,
  'post.removed': (e) => `registró que la borraron en la red${on(e)}`,
};

export const postLines = (events: Event[], me: { id: string; name: string }): Line[] =>
  events.map((e) => ({
    version: e.version, at: e.at, title: fullWords(e.at),
    who: e.actorName || (e.actor === 'sistema' ? 'El sistema' : e.actor === me.id ? me.name : e.actor),
    deed: deeds[e.kind]?.(e) ?? e.kind,
  }));
