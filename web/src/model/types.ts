/** What the API says of the classifier: shared/desk/openapi.json in TypeScript. */
import type { Intent, Network, Urgency } from '../types';

export type LabelKind = 'blind' | 'margin';

/** A text that waits for a person's word. */
export interface Unlabelled {
  mention: string;
  kind: LabelKind;
  network: Network;
  public: boolean;
  text: string;
}

export interface Labelled {
  mention: string;
  intent: Intent;
  urgency: Urgency;
  undone: boolean;
}

/** How many of how many, with the bounds at 95 %. */
export interface Share {
  count: number;
  of: number;
  rate?: number;
  low?: number;
  high?: number;
}

export interface Mean {
  now?: number;
  before?: number;
}

export type FigureCode = 'psi' | 'desconocido' | 'entropia' | 'correcciones' | 'ciega' | 'sombra';
export type FigureLevel = 'bien' | 'mirar' | 'actuar' | 'pocos';

export interface Figures {
  network?: Network;
  mentions: number;
  before: number;
  classes: { intent: Intent; count: number; before: number }[];
  psi?: number;
  unknown: Mean;
  entropy: Mean;
  corrected: Share;
  blind: { accuracy: Share; macroF1?: number; confusion: Partial<Record<Intent, Partial<Record<Intent, number>>>> };
  shadow: Share;
  findings: { code: FigureCode; level: FigureLevel }[];
  weeks: Week[];
}

export interface Week {
  monday: string;
  mentions: number;
  psi?: number;
  unknown?: number;
  entropy?: number;
  corrected: Share;
}

export interface Report {
  period: { from: string; to: string };
  reference: { from: string; to: string };
  models: string[];
  shadows: string[];
  total: Figures;
  networks: Figures[];
}
