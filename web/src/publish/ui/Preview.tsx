/** A publication as each network will show it. */
import { useEffect } from 'preact/hooks';
import { channels } from '../../channels';
import { number } from '../../dates';
import type { Network, Unit } from '../../types';
import { NetworkMark } from '../../ui/icons';
import { length } from '../../weight';
import { networks, unitWords } from '../../words';
import { pictures, readPicture } from '../library';
import { segments, shortLink, whole } from '../looks';
import type { Attached, Checked } from '../types';

/** Until the service has told them. */
const limits: Record<Network, { limit: number; unit: Unit }> = {
  facebook: { limit: 63_206, unit: 'characters' }, instagram: { limit: 2200, unit: 'characters' }, x: { limit: 280, unit: 'weighted' },
  linkedin: { limit: 3000, unit: 'characters' }, whatsapp: { limit: 1024, unit: 'characters' },
};

/** How much room a text has left on a network, as it is typed. */
export function roomOf(network: Network, text: string, link: string, checked?: Checked): { left: number; unit: Unit; limit: number } {
  const { limit, unit } = checked?.networks?.[network] ?? limits[network];
  return { left: limit - length(unit, whole(network, text, link)), unit, limit };
}

export function Room({ network, text, link, checked, id }: { network: Network; text: string; link: string; checked: Checked | undefined; id?: string }) {
  const { left, unit } = roomOf(network, text, link, checked);
  return (
    <span id={id} class={left < 0 ? 'cuenta-texto malo' : 'cuenta-texto'}>
      {networks[network]}: {left < 0 ? `sobran ${number(-left)}` : `quedan ${number(left)}`}{unit === 'weighted' ? ` ${unitWords.weighted} (un enlace vale 23)` : ''}
    </span>
  );
}

const initials = (name: string) => name.replace(/[^\p{L}\p{N} ]/gu, '').split(' ').slice(0, 2).map((word) => word[0] ?? '').join('').toUpperCase() || 'S';

/** Who it is from, as the network names us. */
const accountName = (network: Network, account?: string) => {
  const ours = channels.value?.items.filter((c) => c.network === network && c.account) ?? [];
  return (ours.find((c) => c.account === account) ?? ours[0])?.name || 'SENCE';
};

export function Preview({ network, text, link, media, account }: { network: Network; text: string; link: string; media: Attached[]; account?: string | undefined }) {
  const name = accountName(network, account);
  const shown = whole(network, text, link);
  const card = link && shown === text && media.length === 0 && (network === 'facebook' || network === 'linkedin');
  return (
    <figure class={`previa de-${network}`}>
      <figcaption>Así se ve en {networks[network]}</figcaption>
      <div class="previa-cabeza">
        <span class="previa-foto" aria-hidden="true">{initials(name)}</span>
        <span><strong><bdi>{name}</bdi></strong><br /><span class="nota"><NetworkMark network={network} />{network === 'linkedin' ? 'Página' : network === 'facebook' ? 'Página · Público' : 'Cuenta'}</span></span>
      </div>
      {network === 'instagram' && <Media media={media} />}
      <p class="texto" dir="auto">{shown.trim() ? segments(shown).map((s, i) => (s.kind === 'text' ? s.text : <span key={i} class="previa-enlace">{network === 'x' && s.kind === 'link' ? shortLink(s.text) : s.text}</span>)) : <em>Sin texto todavía</em>}</p>
      {network !== 'instagram' && <Media media={media} />}
      {card && <p class="previa-tarjeta"><span class="nota">Enlace</span><br />{shortLink(link)}</p>}
      {link && network === 'instagram' && <p class="nota">Instagram no abre enlaces en el texto.</p>}
    </figure>
  );
}

function Media({ media }: { media: Attached[] }) {
  if (media.length === 0) return null;
  return <ul class={`previa-medios n${Math.min(media.length, 4)}`}>{media.map((m) => <li key={m.id}><Picture file={m} /></li>)}</ul>;
}

/** A file of the library to look at; without its picture, what it shows in words. */
export function Picture({ file }: { file: Attached }) {
  const url = pictures.value[file.id];
  const video = file.kind === 'video';
  useEffect(() => void (!video && readPicture(file.id)), [file.id]);
  if (!url || video) return <span class="sin-foto">{video ? 'Video' : 'Imagen'}{file.alt && `: ${file.alt}`}</span>;
  return <img src={url} alt={file.alt} loading="lazy" onError={() => void readPicture(file.id)} />;
}
