/** Campaigns: publications that belong together. */
import { signal } from '@preact/signals';
import { write } from '../api';
import { emptyPile, readPile, type Pile } from '../matters';
import type { Campaign } from './types';

const path = '/api/v1/campaigns';
const one = (id: string) => `${path}/${encodeURIComponent(id)}`;

export const campaigns = signal<Pile<Campaign>>(emptyPile);

export const readCampaigns = async () => { campaigns.value = await readPile<Campaign>(path, campaigns.peek()); };

export function takeCampaign(c: Campaign): void {
  const held = campaigns.peek();
  campaigns.value = { ...held, state: 'lista', items: held.items.some((old) => old.id === c.id) ? held.items.map((old) => (old.id === c.id ? { ...old, ...c } : old)) : [c, ...held.items] };
}

export type CampaignAct = 'submit' | 'approve' | 'cancel' | 'move';

/** What became of each publication of a campaign that something was done with. */
export interface Outcome {
  items?: { id: string; done?: boolean; why?: string; detail?: string }[];
  done?: number;
  failed?: { id: string; why?: string; detail?: string }[];
}

export const saveCampaign = async (fields: Partial<Campaign>, held?: Campaign): Promise<Campaign> => {
  const c = held
    ? await write<Campaign>(one(held.id), { ...fields, ...(held.version ? { version: held.version } : {}) }, undefined, 'PATCH')
    : await write<Campaign>(path, fields);
  takeCampaign(c);
  return c;
};

export const actOnCampaign = (c: Campaign, act: CampaignAct, order: Record<string, unknown> = {}) =>
  write<Outcome>(`${one(c.id)}/${act}`, { ...(c.version ? { version: c.version } : {}), ...order });
