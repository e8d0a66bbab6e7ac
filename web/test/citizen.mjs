/** What happens outside of the console: citizens write, the network and SIAC are looked at, the service is asked. */
import { base, sim } from './browser.mjs';

async function json(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

const post = (url, body, headers = {}) =>
  json(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });

let turn = 0;
/** A word that no other text has, so that a test finds its own case; nobody could say it, so that the classifier takes it for a code. */
export const mark = (word) => `${word}${Date.now().toString(36)}${(turn++).toString(36)}xqz9`;

/** A citizen writes on the page of SENCE; each call is another person unless author says who. */
export const write = (text, { name = 'Persona Ficticia', author, kind = 'comment', thread } = {}) =>
  post(`${sim()}/sim/facebook/messages`, { author: author ?? `ficticia-${mark('p')}`, name, text, kind, thread });

/** A citizen writes on another network. */
export const writeOn = (network, text, { name = 'Persona Ficticia', author, kind = 'comment' } = {}) =>
  post(`${sim()}/sim/${network}/messages`, { author: author ?? `ficticia-${mark('p')}`, name, text, kind });

/** Somebody of ours answers in the network's own application. */
export const answerThere = (thread, text) => post(`${sim()}/sim/facebook/messages`, { own: true, kind: 'comment', thread, text });

export const sent = (network = 'facebook') => json(`${sim()}/sim/${network}/sent`);
/** What becomes of the keys that a simulated network has given: ok, revoked, stale. */
export const keys = (network, state) => post(`${sim()}/sim/${network}/token`, { state });
export const siacCases = () => json(`${sim()}/sim/siac/casos`);
export const fault = (target, mode, more = {}) => post(`${sim()}/sim/faults`, { target, mode, rate: 1, ...more });
export const clearFaults = () => fetch(`${sim()}/sim/faults`, { method: 'DELETE' });

const tokens = new Map();
async function token(user) {
  if (!tokens.has(user)) tokens.set(user, (await post(`${base()}/local/login`, { user })).token);
  return tokens.get(user);
}

/** Asks the API as a user. */
export async function api(user, path) {
  return json(`${base()}/api/v1${path}`, { headers: { Authorization: `Bearer ${await token(user)}` } });
}

/** Does something with a case as a user, past the console. */
export async function act(user, id, action, body = {}) {
  const { version } = await api(user, `/tickets/${encodeURIComponent(id)}`);
  return post(`${base()}/api/v1/tickets/${encodeURIComponent(id)}/${action}`, { version, ...body }, {
    Authorization: `Bearer ${await token(user)}`, 'Idempotency-Key': crypto.randomUUID(),
  });
}

/** Writes something past the console, as a user. */
export const ask = async (user, path, body) =>
  post(`${base()}/api/v1${path}`, body, { Authorization: `Bearer ${await token(user)}`, 'Idempotency-Key': crypto.randomUUID() });

/** The account of ours on a network that the simulator plays. */
export const account = async (network) => {
  const of = { facebook: '100000000000001', instagram: '100000000000011', x: '1000000000000000021', linkedin: 'urn:li:organization:1000031', whatsapp: '100000000000041' }[network];
  const all = (await api('supervisor', '/channels')).items.filter((c) => c.network === network);
  return all.find((c) => c.account === of) ?? all[0];
};

/** Connects an account past the console: the person says yes at once, to everything. */
export async function connect(network, of) {
  const { id } = await ask('supervisor', `/channels/${network}/connect`, {});
  const state = () => api('supervisor', `/connections/${id}`);
  const { url } = await until('the address of the network', async () => { const c = await state(); return c.url && c; });
  const page = await fetch(`${url}${url.includes('?') ? '&' : '?'}auto=1`);
  if (!page.ok) throw new Error(`${page.status} ${await page.text()}`);
  const c = await until('the accounts', async () => { const c = await state(); return ['choose', 'done', 'failed'].includes(c.step) && c; });
  if (c.step === 'choose') await ask('supervisor', `/connections/${id}/choose`, { account: of ?? c.choices[0].account });
  return until('the end', async () => { const c = await state(); return ['done', 'failed'].includes(c.step) && c; });
}

/** Looks again and again until look gives something; what says what was waited for. */
export async function until(what, look, seconds = 60) {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((done) => setTimeout(done, 250));
  }
}

/** The case that a text became. */
export const caseOf = (word, user = 'supervisor', view = 'all') =>
  until(`a case with ${word}`, async () => (await api(user, `/tickets?view=${view}&limit=200&q=${encodeURIComponent(word)}`)).items[0]);

/** A fresh case; with the word that its text has and no other. */
export async function arrive(text, options) {
  const word = mark('marca');
  await write(`${word}. ${text}`, options);
  return { word, ...(await caseOf(word, options?.reader)) };
}

/** Moves the local clock to an instant, or by nothing, and runs what is due. */
export const tick = (at) => post(`${base()}/local/tick`, at ? { at } : {});

/** The service's clock. */
export const serviceNow = async () => Date.parse((await json(`${base()}/local/state`)).now);

/** What the clock on the wall of the institution shows so many minutes from now. */
export async function wall(minutes) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', {
    timeZone: 'America/Santiago', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts((await serviceNow()) + minutes * 60_000).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** Writes a publication past the console; it waits for approval where submit says so, or for its hour where approve names who lets it out. */
export async function publication(user, fields, { submit = false, approve } = {}) {
  const made = await ask(user, '/posts', { networks: ['facebook'], ...fields });
  if (submit || approve) await ask(user, `/posts/${made.id}/submit`, fields.recurrence ? { scope: 'all' } : {});
  if (approve) await ask(approve, `/posts/${made.id}/approve`, {});
  return api(user, `/posts/${made.id}`);
}
