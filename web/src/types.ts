/** What the API speaks: shared/desk/openapi.json in TypeScript. */

export type Network = 'facebook' | 'instagram' | 'x' | 'linkedin' | 'whatsapp';
export type Intent = 'denuncia' | 'reclamo' | 'consulta' | 'sugerencia' | 'felicitacion' | 'spam';
export type Urgency = 'critica' | 'alta' | 'media' | 'baja';
export type State =
  | 'ingresado' | 'en_analisis' | 'pendiente_antecedentes' | 'desistido' | 'derivado' | 'no_competencia' | 'respondido'
  | 'cerrado' | 'reabierto' | 'apelado' | 'duplicado' | 'spam' | 'anulado';
export type Filing = 'none' | 'pending' | 'filed' | 'unknown' | 'not_applicable';
export type ReplyState = 'planned' | 'claimed' | 'sent' | 'unknown' | 'refused' | 'expired' | 'cancelled';
export type Action = 'cancel' | 'settle' | 'claim' | 'release' | 'reply' | 'escalate' | 'undo' | 'classify' | 'close' | 'recorded' | Deed;
/** What is done with a single text of a case. */
export type Deed = 'hide' | 'unhide' | 'like' | 'remove' | 'approve-act' | 'reject-act' | 'cancel-act';
export type Verb = 'hide' | 'unhide' | 'like' | 'remove';

export type Visibility = 'public' | 'private';

/** How a network counts the length of a text. */
export type Unit = 'characters' | 'bytes' | 'weighted';

/** Whether an answer of one visibility may be given now; without a limit, there is no such answer on the network. */
export interface Answer {
  allowed: boolean;
  why?: string;
  /** What to know of an answer that may be given all the same. */
  note?: string;
  until?: string;
  limit?: number;
  unit?: Unit;
  /** Where to answer, or to read, in the network's own application. */
  link?: string;
  /** A text that WhatsApp has approved may be sent, even where the person's own words may not. */
  template?: boolean;
}

/** Whether an act may be done now and, when not, why. */
export interface Option {
  allowed: boolean;
  why?: string;
  limit?: number;
  unit?: Unit;
  until?: string;
  /** The two answers of reply. */
  public?: Answer;
  private?: Answer;
  /** What undo would take back, or what was proposed. */
  what?: 'reply' | 'siac' | Verb;
  /** It becomes a proposal: somebody else decides. */
  proposes?: boolean;
  reasons?: string[];
  /** How long the act, once done, can be taken back. */
  undoSeconds?: number;
}

export interface Attachment {
  type: string;
  url?: string;
  /** Our own copy. */
  media?: { n: string; state: 'stored' | 'waiting' | 'lost'; type?: string; size?: number };
}

/** What became of a verb on a text. */
export interface Act {
  verb: Verb;
  state: 'proposed' | 'planned' | 'done' | 'refused' | 'cancelled';
  reason?: string;
  refused?: string;
  by?: string;
  byName?: string;
  askedBy?: string;
  askedByName?: string;
  at: string;
  dueAt?: string;
}

export interface Mention {
  id: string;
  text: string;
  at: string;
  editedAt?: string;
  public: boolean;
  deleted?: boolean;
  kind?: string;
  attachments: Attachment[];
  flags?: string[];
  /** Where it is seen on its network. */
  link?: string;
  acts?: Act[];
  may?: Partial<Record<Verb | 'approve' | 'cancel', Option>>;
}

export interface Reply {
  id: string;
  text: string;
  visibility: Visibility;
  state: ReplyState;
  author: string;
  authorName?: string;
  plannedAt: string;
  dueAt: string;
  /** When its author wants it to leave. */
  sendAt?: string;
  sentAt: string | null;
  remoteId: string;
  reason?: string;
  /** It did not leave from here. */
  origin?: 'native' | 'registered';
  link?: string;
  /** How far it came on its way to the person. */
  receipt?: string;
  receiptAt?: string;
  editedAt?: string;
  removedAt?: string;
  removed?: Act;
  may?: Partial<Record<Verb | 'cancel' | 'settle', Option>>;
  /** The approved text that it says. */
  template?: string;
  /** Which of two hours it is, in the night the clocks go back. */
  note?: string;
}

export interface Event {
  version: number;
  at: string;
  actor: string;
  actorName?: string;
  kind: string;
  from?: string;
  to?: string;
  reason?: string;
  facts?: Record<string, string>;
}

/** A case. Lists carry one masked preview in mentions, and neither replies, events, term nor may. */
export interface Ticket {
  id: string;
  number: string;
  version: number;
  network: Network;
  account: string;
  kind: string;
  public: boolean;
  state: State;
  siac: { state: Filing; folio?: string; reason?: string; dueAt?: string; filedAt?: string };
  intent: { model: Intent; gestor?: Intent; final: Intent; confidence: number; set: Intent[]; reasons?: string[]; folded: boolean; subtype?: string };
  urgency: Urgency;
  topics: string[];
  flags: string[];
  region: string;
  openedAt: string;
  dueAt: string;
  dueDate: string;
  daysLeft?: number;
  /** How the deadline was counted, in días hábiles; lists do not carry it. */
  term?: { days: number; from: string; basis: 'escrito' | 'recibido' };
  answeredAt?: string;
  updatedAt: string;
  assignee?: string;
  assigneeName?: string;
  citizen: { name: string; handle: string };
  masked: boolean;
  mentionCount: number;
  mentions: Mention[];
  replies: Reply[];
  events?: Event[];
  may?: Partial<Record<Action, Option>>;
}

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface Problem {
  title: string;
  status: number;
  detail?: string;
  campo?: string;
  motivo?: string;
  ticket?: Ticket;
  channel?: Channel;
  /** What a refusal of ours says of a publication: its newest state. */
  post?: unknown;
  /** What is wrong with it. */
  findings?: unknown;
}

export type Level = 'bien' | 'atencion' | 'mal' | 'ninguno';
export type ChannelState = 'ok' | 'paused' | 'closed' | 'unconnected' | 'none';
export type ChannelAct = 'pause' | 'resume' | 'look' | 'close';
export type Method = 'oauth2' | 'oauth1' | 'manual';

/** One thing that is wrong with an account. */
export interface Trouble {
  level: Level;
  code: string;
  what?: string;
  at?: string;
  share?: number;
}

export interface Missing {
  right: string;
  what: string;
  without?: string;
}

/** An account of ours; without an account, a network on which we have none. */
export interface Channel {
  network: Network;
  account: string;
  name: string;
  state: ChannelState;
  level: Level;
  troubles: Trouble[];
  version: number;
  since?: string;
  reason?: string;
  delivered?: string;
  called?: string;
  checked?: string;
  expiries: { kind: string; at: string; warn?: string; hands?: boolean }[];
  missing: Missing[];
  subscriptions: { name: string; working: boolean; until?: string }[];
  usage?: { share: number; until?: string; at: string };
  backlog: number;
  costToday?: { usd: number; limit?: number };
  repaired: number;
  methods: Method[];
  may: Record<ChannelAct | 'connect', Option>;
}

/** An account being connected. */
export interface Connection {
  id: string;
  network: Network;
  method: Method;
  step: 'begun' | 'code' | 'choose' | 'done' | 'failed';
  url?: string;
  choices?: { account: string; name: string }[];
  account?: string;
  missing?: Missing[];
  reason?: string;
  expiresAt: string;
}

export interface Me {
  id: string;
  name: string;
  roles: string[];
  may: {
    read: boolean; ordinary: boolean; restricted: boolean; attention: boolean; operate: boolean; channels: boolean; connect: boolean; capture: boolean;
    /** See what we publish; write it; let out what others wrote; do so alone. */
    posts: boolean; post: boolean; approvePost: boolean; emergency: boolean;
    /** Say what texts ask for; see how the classifier does; take out what it learns from. */
    label: boolean; model: boolean; exportModel: boolean;
  };
}

export interface Change {
  ticket: string;
  version: number;
  at: string;
}

/** A publication of ours that changed. */
export interface PostChange {
  post: string;
  version: number;
}

export interface Matter {
  /** What it is about: a case, or a publication of ours; neither, where it is about an account. */
  ticket: string;
  post?: string;
  id: string;
  kind: string;
  number?: string;
  network?: Network;
  /** The account it is about, when it is no case's. */
  channel?: string;
  reason?: string;
  at: string;
}

/** What a network allows. */
export interface Rules {
  network: Network;
  answers: Record<Visibility, { limit?: number; unit?: Unit; none?: string }>;
  acts: Record<Verb, { none?: string }>;
  posts: PostRules;
}

/** What a network takes as a publication of ours. */
export interface PostRules {
  limit: number;
  unit: Unit;
  needsMedia: boolean;
  byTemplate: boolean;
  /** Without files, the link goes beside the text and takes up none of it. */
  linkApart: boolean;
  altLimit: number;
}

export interface Quarantined {
  id: string;
  network: Network;
  reason: string;
  at: string;
  size: number;
}
