/** What the API speaks of publications, campaigns and the library. */
import type { Event, Network, Unit } from '../types';

export type PostState = 'draft' | 'submitted' | 'approved' | 'rejected' | TargetState;
/** How a publication stands on one network. */
export type TargetState = 'planned' | 'claimed' | 'sent' | 'unknown' | 'refused' | 'expired' | 'cancelled';
/** Which posts of a series a change is for. */
export type Scope = 'this' | 'next' | 'all';
export type PostAct = 'edit' | 'submit' | 'approve' | 'emergency' | 'reject' | 'cancel' | 'delete' | 'copy' | 'plan' | 'retry' | 'discard' | 'published' | 'review';
/** Whether something may be done now and, when not, why. */
export type May = boolean | { allowed: boolean; why?: string };

/** A moment as a person meant it: what the clock on the wall of a zone shows. */
export interface When {
  at?: string;
  local?: string;
  zone?: string;
  /** The second of two instants, in the night the clocks go back. */
  later?: boolean;
  /** As soon as it is approved. */
  now?: boolean;
  note?: string;
}

export interface Attached {
  id: string;
  alt: string;
  kind?: 'image' | 'gif' | 'video' | '';
  type?: string;
  size?: number;
  width?: number;
  height?: number;
  millis?: number;
}

/** What one network says differently; what is absent is as in the post. */
export interface Variant {
  text?: string;
  link?: string;
  media?: Attached[];
  template?: Template;
  /** What the template reads as, where the service knows it. */
  preview?: string;
}

/** A text that WhatsApp has approved, with what is filled in. */
export interface Template {
  name: string;
  language: string;
  params?: string[];
}

export interface Recurrence {
  every: 'daily' | 'weekly' | 'monthly';
  interval?: number;
  days?: string[];
  until?: string;
  count?: number;
}

export interface Figures {
  at: string;
  views?: number;
  reactions?: number;
  comments?: number;
  shares?: number;
  clicks?: number;
}

export interface Target {
  state: TargetState;
  account?: string;
  at?: string;
  due?: string;
  sentAt?: string;
  remoteId?: string;
  url?: string;
  reason?: string;
  resent?: boolean;
  editedAt?: string;
  removedAt?: string;
  figures?: Figures;
}

export interface Finding {
  rule: string;
  level: 'error' | 'warning';
  network?: Network;
  field?: string;
  /** From and to which character of the text. */
  start?: number;
  end?: number;
  message: string;
}

export interface Post {
  id: string;
  version: number;
  state: PostState;
  text: string;
  link?: string;
  variants?: Partial<Record<Network, Variant>>;
  networks: Network[];
  media?: Attached[];
  publishAt?: When;
  recurrence?: Recurrence;
  series?: string;
  place?: number;
  campaign?: string;
  resend?: boolean;
  author: { id: string; name?: string };
  approval?: { by: string; name?: string; at: string; emergency?: boolean; reason?: string };
  reason?: string;
  /** By network; of people whom a template goes to, each by itself: whatsapp-1, whatsapp-2. */
  targets?: Record<string, Target>;
  /** The cases of WhatsApp to whose people a template goes. */
  cases?: string[];
  findings?: Finding[];
  may?: Partial<Record<PostAct, May>>;
  /** How many posts its series has. */
  of?: number;
  applied?: Applied;
  events?: Event[];
}

/** What became of the others, when something was asked for more than one. */
export interface Applied {
  changed: number;
  skipped: { id: string; why: string }[];
}

/** What the service says of a text that is being written. */
export interface Checked {
  findings: Finding[];
  networks: Partial<Record<Network, { length: number; limit: number; unit: Unit; text: string }>>;
  publishAt?: When;
}

export interface Slot {
  at: string;
  local: string;
  zone: string;
  network?: Network;
}

/** A day that is not like the others. */
export interface Day {
  date: string;
  kind: 'feriado' | 'veda' | 'pausa';
  name: string;
  blocks: boolean;
}

export interface Campaign {
  id: string;
  version?: number;
  name: string;
  /** What it is for. */
  goal?: string;
  ended?: boolean;
  applied?: Applied;
  states?: Partial<Record<PostState, number>>;
  from?: string;
  to?: string;
  may?: Partial<Record<'edit', May>>;
}

/** A file of the library. */
export interface File_ extends Attached {
  name?: string;
  /** On its way, ready to be published, or not taken (and why). */
  state?: 'waiting' | 'ready' | 'refused';
  reason?: string;
  /** It was in the library already. */
  same?: boolean;
  uses?: number;
  at?: string;
  /** Opens it until then. */
  url?: string;
  until?: string;
  may?: Partial<Record<'edit' | 'remove', May>>;
}
