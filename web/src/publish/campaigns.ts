/** Campaigns: publications that belong together. */
import { signal } from '@preact/signals';
import { request, write } from '../api';
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

/** One campaign, with how many of its publications stand where. */
export const readCampaign = async (id: string) => takeCampaign(await request<Campaign>(one(id)));

export const saveCampaign = async (fields: Partial<Campaign>, held?: Campaign): Promise<Campaign> => {
  const c = held
    ? await write<Campaign>(one(held.id), { ...fields, ...(held.version ? { version: held.version } : {}) }, undefined, 'PATCH')
    : await write<Campaign>(path, fields);
  takeCampaign(c);
  return c;
};

export async function actOnCampaign(c: Campaign, act: CampaignAct, order: Record<string, unknown> = {}): Promise<Campaign> {
  const after = await write<Campaign>(`${one(c.id)}/${act}`, order);
  takeCampaign(after);
  return after;
}
