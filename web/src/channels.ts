/** Our accounts on the networks: how they are, and what a person does with them. */
import { signal } from '@preact/signals';
import { Failure, request, write } from './api';
import { say } from './focus';
import { emptyPile, readPile, type Pile } from './matters';
import type { Channel, ChannelAct, Connection, Method, Network } from './types';
import { channelName } from './channelWords';
import { place } from './url';

/** undefined for who may not see them. */
export const channels = signal<Pile<Channel> | undefined>(undefined);

const path = '/api/v1/channels';

export function watchChannels(): void {
  channels.value = emptyPile;
  void readChannels();
  let turn = 0;
  // Often while they are looked at; else as often as it takes to be told within minutes that one has stopped.
  setInterval(() => !document.hidden && (place.peek().screen === 'canales' || turn++ % 4 === 3) && void readChannels(), 15_000);
}

export async function readChannels(): Promise<void> {
  if (channels.peek()) channels.value = await readPile<Channel>(path, channels.peek()!);
}

export const channelKey = (c: Channel) => `${c.network}/${c.account}`;

/** Accounts through which nothing goes out although something waits, or which are paused. */
export const paused = () => channels.value?.items.filter((c) => c.state === 'paused') ?? [];

/** The act that is under way, as "account act"; and why the last one came to nothing. */
export const doing = signal('');
export const wrong = signal<{ key: string; words: string } | undefined>(undefined);

function replace(c: Channel): void {
  const held = channels.peek();
  if (held) channels.value = { ...held, items: held.items.map((old) => (channelKey(old) === channelKey(c) ? { ...c, backlog: old.backlog } : old)) };
}

const said: Record<ChannelAct, string> = {
  pause: 'en pausa: lo que espera se guarda', resume: 'sigue: lo que espera saldrá en un minuto', look: 'se está revisando', close: 'desconectada',
};

export async function actOn(c: Channel, act: ChannelAct): Promise<boolean> {
  const key = channelKey(c);
  if (doing.peek()) return false;
  doing.value = `${key} ${act}`;
  wrong.value = undefined;
  try {
    replace(await write<Channel>(`${path}/${c.network}/${encodeURIComponent(c.account)}/${act}`, { version: c.version }));
    say(`${channelName(c)}: ${said[act]}.`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.problem.channel) replace(error.problem.channel);
    wrong.value = { key, words: error.words };
    say(error.words);
    return false;
  } finally {
    doing.value = '';
    void readChannels();
  }
}

export interface Wanted {
  network: Network;
  method: Method;
  account?: string;
  token?: string;
  secret?: string;
}

/** The connection being made, kept when its window is closed. */
export const connection = signal<Connection | undefined>(undefined);

export const begin = async ({ network, ...order }: Wanted) => {
  connection.value = await write<Connection>(`${path}/${network}/connect`, order, `connect ${crypto.randomUUID()}`);
};

export const choose = async (c: Connection, account: string) => {
  connection.value = await write<Connection>(`/api/v1/connections/${c.id}/choose`, { account });
};

export const ended = (c: Connection) => c.step === 'done' || c.step === 'failed';

/** Asks how the connection goes on; one that is over by time has failed. */
export async function follow(): Promise<void> {
  const held = connection.peek();
  if (!held || ended(held)) return;
  try {
    const now = await request<Connection>(`/api/v1/connections/${held.id}`);
    if (connection.peek()?.id !== held.id) return;
    connection.value = now;
    if (ended(now)) await readChannels();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.status === 404 && connection.peek()?.id === held.id) connection.value = { ...held, step: 'failed', reason: 'tiempo' };
  }
}
