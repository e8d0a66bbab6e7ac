/** A publication as each network will show it. */
import { useEffect } from 'preact/hooks';
import { channels } from '../../channels';
import { number } from '../../dates';
import { readRules, rules } from '../../rules';
import type { Network, Unit } from '../../types';
import { NetworkMark } from '../../ui/icons';
import { length } from '../../weight';
import { networks, unitWords } from '../../words';
import { pictures, readPicture } from '../library';
import { compose, linkBeside, segments, shortLink } from '../looks';
import type { Attached } from '../types';

const ruleOf = (network: Network) => rules.value.find((r) => r.network === network)?.posts;

/** How much room a text has left on a network, as it is typed. */
export function roomOf(network: Network, text: string, link: string, files: number): { left: number; unit: Unit } | undefined {
  const rule = ruleOf(network);
  return rule && { left: rule.limit - length(rule.unit, compose(rule, text, link.trim(), files)), unit: rule.unit };
}

export function Room({ network, text, link, files, id }: { network: Network; text: string; link: string; files: number; id?: string }) {
  const room = roomOf(network, text, link, files);
  if (!room) return null;
  const { left, unit } = room;
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
  const rule = ruleOf(network);
  const shown = compose(rule, text, link, media.length);
  const card = linkBeside(rule, link, media.length);
  useEffect(() => void readRules(), []);
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
