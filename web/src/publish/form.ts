/** A publication as it is being written, and as the service takes it. */
import type { Network } from '../types';
import { localOf } from './grid';
import { recurrenceGap } from './scope';
import type { Attached, Post, Recurrence, Variant } from './types';
import { dateOf, doubtOf, home, hourOf, instantsOf } from './wall';

export interface Form {
  text: string;
  link: string;
  networks: Network[];
  variants: Partial<Record<Network, Variant>>;
  media: Attached[];
  /** As soon as somebody approves it, or at the date and time. */
  soon: boolean;
  date: string;
  time: string;
  zone: string;
  later: boolean;
  recurrence: Recurrence | undefined;
  campaign: string;
  resend: boolean;
  /** The cases of WhatsApp to whose people a template goes. */
  cases: string[];
}

export const emptyForm: Form = {
  text: '', link: '', networks: [], variants: {}, media: [], soon: false, date: '', time: '', zone: home, later: false, recurrence: undefined, campaign: '', resend: false, cases: [],
};

/** The networks a publication may go to: on WhatsApp as a template, to the people of cases. */
export const postNetworks: readonly Network[] = ['facebook', 'instagram', 'x', 'linkedin', 'whatsapp'];

/** The networks that show the text: all but WhatsApp. */
export const textNetworks = (f: Form) => f.networks.filter((n) => n !== 'whatsapp');

export function fromPost(p: Post): Form {
  const local = localOf(p);
  return {
    text: p.text, link: p.link ?? '', networks: [...p.networks], variants: p.variants ?? {}, media: p.media ?? [],
    soon: p.publishAt?.now === true, date: local ? dateOf(local) : '', time: local ? hourOf(local) : '', zone: p.publishAt?.zone || home, later: p.publishAt?.later === true,
    recurrence: p.recurrence, campaign: p.campaign ?? '', resend: p.resend === true, cases: p.cases ?? [],
  };
}

export const localTime = (f: Form) => (f.date && f.time ? `${f.date}T${f.time}` : '');

/** What is sent. How it repeats is said once, when it is begun: then every date is a publication of its own. */
export function toFields(f: Form, begun = false): Record<string, unknown> {
  const local = localTime(f);
  const variants: Partial<Record<Network, Variant>> = {};
  for (const n of f.networks) {
    const v = f.variants[n];
    if (!v) continue;
    const { preview: _, ...kept } = v;
    variants[n] = { ...kept, ...(v.media ? { media: v.media.map(({ id, alt }) => ({ id, alt })) } : {}) };
  }
  const when = f.soon ? { now: true } : local ? { local, zone: f.zone, ...(f.later && doubtOf(local, f.zone) === 'twice' ? { later: true } : {}) } : null;
  return {
    text: f.text, link: f.link.trim(), networks: f.networks, variants, media: f.media.map(({ id, alt }) => ({ id, alt: alt.trim() })),
    publishAt: when, ...(f.recurrence && !begun ? { recurrence: f.recurrence } : {}), campaign: f.campaign, resend: f.resend, cases: f.networks.includes('whatsapp') ? f.cases : [],
  };
}

export const same = (a: Form, b: Form) => JSON.stringify(toFields(a)) === JSON.stringify(toFields(b));

export interface WrongField {
  field: string;
  words: string;
}

/** What keeps it from being sent to approval that the page can tell by itself. */
export function missing(f: Form, now: number): WrongField | undefined {
  if (f.networks.length === 0) return { field: 'networks', words: 'Elige al menos una red.' };
  if (f.networks.includes('whatsapp')) {
    const template = f.variants.whatsapp?.template;
    if (!template?.name) return { field: 'template', words: 'Elige una plantilla.' };
    const gap = (template.params ?? []).findIndex((param) => !param.trim());
    if (gap >= 0) return { field: 'template', words: `Completa el dato ${gap + 1} de la plantilla.` };
    if (f.cases.length === 0) return { field: 'cases', words: 'Elige al menos un caso.' };
  }
  for (const n of textNetworks(f)) {
    const v = f.variants[n];
    if (!(v?.text ?? f.text).trim() && (v?.media ?? f.media).length === 0) return { field: v?.text !== undefined ? `text-${n}` : 'text', words: 'Escribe el texto.' };
  }
  const silent = f.media.findIndex((m) => !m.alt.trim());
  if (silent >= 0) return { field: `alt-${silent}`, words: 'Describe lo que se ve: sin eso no se publica. Quien no ve la imagen lee tu descripción.' };
  if (f.soon) return undefined;
  const local = localTime(f);
  if (!f.date) return { field: 'publishAt', words: 'Elige el día.' };
  if (!f.time) return { field: 'time', words: 'Elige la hora.' };
  const at = instantsOf(local, f.zone);
  if (at.length === 0) return { field: 'time', words: 'Esa noche el reloj se adelanta y esa hora no existe. Elige otra.' };
  if (at.at(-1)! <= now) return { field: 'publishAt', words: 'Ese momento ya pasó. Elige otro.' };
  if (f.recurrence && !f.recurrence.count && !f.recurrence.until) return { field: 'recurrence', words: 'Elige hasta qué fecha se repite, o cuántas veces.' };
  const gap = f.recurrence ? recurrenceGap(f.recurrence, local) : '';
  if (gap) return { field: 'recurrence', words: gap };
  return undefined;
}

/** What was typed and not saved, kept in this browser by who wrote it. */
export interface Kept {
  form: Form;
  version: number;
}

export const keptKey = (user: string, id: string) => `gestor.publicacion.${user}.${id}`;

export function readKept(user: string, id: string): Kept | undefined {
  try {
    const held = JSON.parse(localStorage.getItem(keptKey(user, id)) ?? '') as Partial<Kept>;
    return held.form ? { form: { ...emptyForm, ...held.form }, version: held.version ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}

export function keep(user: string, id: string, kept: Kept | undefined): void {
  try {
    if (kept) localStorage.setItem(keptKey(user, id), JSON.stringify(kept));
    else localStorage.removeItem(keptKey(user, id));
  } catch {
    // A full or forbidden storage: it stays in memory.
  }
}
