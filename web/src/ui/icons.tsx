/** Small drawings; what they mean always stands beside them in words. */
import type { Network } from '../types';
import { networks } from '../words';

const paths: Record<Network, string> = {
  facebook: 'M3 2h14v16H3zM12.8 6.2h-1.3c-1.5 0-2.2.9-2.2 2.3v1.3H8v2h1.3V16h2.1v-4.2h1.5l.3-2h-1.8V8.7c0-.4.2-.6.7-.6h.7z',
  instagram: 'M3 3h14v14H3zM5 5v10h10V5zM10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM13 5.8h1.3v1.3H13z',
  x: 'M3 3h4.2l3.1 4.4L14 3h2.2l-4.9 5.9L17 17h-4.2l-3.5-4.9L5.2 17H3l5.3-6.4zM6 4.6 13.6 15.4h1L7 4.6z',
  linkedin: 'M3 3h14v14H3zM5.2 8v6.8h2V8zM5.1 5.2v1.7h2.2V5.2zM8.6 8v6.8h2v-3.7c0-1.1 1.9-1.2 1.9 0v3.7h2v-4.3c0-2.8-3-2.9-3.9-1.4V8z',
  whatsapp: 'M10 2.5a7.5 7.5 0 0 0-6.4 11.4L2.5 17.5l3.7-1A7.5 7.5 0 1 0 10 2.5zm-2.6 4c.5 0 .6 0 .8.5l.5 1.3c.1.3-.6.9-.6 1.1.6 1.2 1.5 2 2.6 2.4.3.1.8-.8 1-.7l1.5.7c.4.2.2 1.7-1.3 2-2 .1-5.7-2.8-5.9-5.4 0-1 .8-1.9 1.4-1.9z',
};

export function NetworkMark({ network }: { network: Network }) {
  return <svg class="icono" viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d={paths[network]} /></svg>;
}

export function NetworkName({ network }: { network: Network }) {
  return <span class="red"><NetworkMark network={network} />{networks[network] ?? network}</span>;
}

const marks = {
  alerta: 'M10 2 1.5 17.5h17zM9 8h2v5H9zm0 6h2v2H9z',
  reloj: 'M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 2a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM9 5.5v5l3.8 2.2 1-1.7-2.8-1.6V5.5z',
  listo: 'm8 13.6-4-4L2.5 11 8 16.5l9.5-10L16 5z',
};

export function Mark({ name }: { name: keyof typeof marks }) {
  return <svg class="icono" viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d={marks[name]} /></svg>;
}
