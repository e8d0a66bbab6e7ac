/** Signing in: OpenID Connect, authorization code with PKCE (RFC 7636), with whatever issuer /config.json names. */
import { signal } from '@preact/signals';

interface Config {
  issuer: string;
  clientId: string;
}

interface Discovery {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  end_session_endpoint?: string;
}

/** What must be remembered while the browser is at the issuer. */
interface Journey {
  state: string;
  nonce: string;
  verifier: string;
  place: string;
}

/** entrando: not known yet, or on the way out; dentro; vencida: the token is no longer taken; fuera: signed out; error: see problem. */
export const session = signal<'entrando' | 'dentro' | 'vencida' | 'fuera' | 'error'>('entrando');
export const problem = signal('');

const journeyKey = 'gestor.ingreso';
const tokenKey = 'gestor.token';
const outKey = 'gestor.salida';

let token = '';

export function bearer(): string {
  return token;
}

/** The service no longer takes the token. */
export function expire(): void {
  if (session.value === 'dentro') session.value = 'vencida';
}

/** Where the issuer sends the browser back to: always the front door, so that one address is registered there. */
const door = `${location.origin}/`;

/** Finds out who is here; true when there is a token to try. It may leave for the issuer. */
export async function enter(): Promise<boolean> {
  const query = new URLSearchParams(location.search);
  try {
    if (query.has('state') && (query.has('code') || query.has('error'))) {
      await arrive(query);
      return true;
    }
    token = sessionStorage.getItem(tokenKey) ?? '';
    if (token) {
      session.value = 'dentro';
      return true;
    }
    if (sessionStorage.getItem(outKey)) {
      session.value = 'fuera';
      return false;
    }
    await leave();
  } catch (error) {
    session.value = 'error';
    problem.value = error instanceof Refused ? error.message : 'No pudimos llegar al servicio de ingreso. Inténtalo de nuevo.';
  }
  return false;
}

class Refused extends Error {}

/** Goes to the issuer; the present place is kept. */
export async function leave(): Promise<void> {
  const { clientId, found } = await discover();
  const journey: Journey = { state: random(), nonce: random(), verifier: random(), place: location.pathname + location.search };
  const target = new URL(found.authorization_endpoint);
  const ask: Record<string, string> = {
    response_type: 'code', client_id: clientId, redirect_uri: door, scope: 'openid profile', state: journey.state,
    nonce: journey.nonce, code_challenge: await challenge(journey.verifier), code_challenge_method: 'S256',
    // The issuer's pages in Spanish: the standard's word for it, and Cognito's.
    ui_locales: 'es', lang: 'es',
  };
  for (const [name, value] of Object.entries(ask)) target.searchParams.set(name, value);
  sessionStorage.setItem(journeyKey, JSON.stringify(journey));
  sessionStorage.removeItem(outKey);
  location.assign(target);
}

/** Comes back from the issuer with a code. */
async function arrive(query: URLSearchParams): Promise<void> {
  const kept = sessionStorage.getItem(journeyKey);
  sessionStorage.removeItem(journeyKey);
  history.replaceState(null, '', '/');
  const journey = kept ? (JSON.parse(kept) as Journey) : undefined;
  if (!journey || journey.state !== query.get('state')) {
    throw new Refused('Este ingreso no empezó en esta pestaña. Ingresa de nuevo.');
  }
  const code = query.get('code');
  if (!code) throw new Refused('El servicio de ingreso no te dejó entrar. Inténtalo de nuevo.');
  const { clientId, found } = await discover();
  const response = await fetch(found.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code, redirect_uri: door, client_id: clientId, code_verifier: journey.verifier,
    }),
  });
  if (!response.ok) throw new Refused('El servicio de ingreso no aceptó el código. Ingresa de nuevo.');
  const answer = (await response.json()) as { id_token?: string; access_token?: string };
  if (answer.id_token && claims(answer.id_token).nonce !== journey.nonce) {
    throw new Refused('La respuesta del servicio de ingreso no corresponde a esta pestaña. Ingresa de nuevo.');
  }
  // The identity token is the one that carries the name and the groups with every issuer.
  token = answer.id_token ?? answer.access_token ?? '';
  if (!token) throw new Refused('El servicio de ingreso no entregó una sesión. Inténtalo de nuevo.');
  sessionStorage.setItem(tokenKey, token);
  history.replaceState(null, '', journey.place.startsWith('/') && !journey.place.startsWith('//') ? journey.place : '/');
  session.value = 'dentro';
}

/** Ends the session here and at the issuer; everything this tab kept is wiped. */
export async function logout(): Promise<void> {
  token = '';
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('gestor.')) sessionStorage.removeItem(key);
  for (const key of Object.keys(localStorage)) if (key.startsWith('gestor.publicacion.')) localStorage.removeItem(key);
  sessionStorage.setItem(outKey, 'sí');
  session.value = 'entrando';
  history.replaceState(null, '', '/');
  const issuer = await discover().catch(() => undefined);
  if (!issuer?.found.end_session_endpoint) {
    session.value = 'fuera';
    return;
  }
  const { clientId, found } = issuer;
  const target = new URL(found.end_session_endpoint!);
  // logout_uri is how Cognito names what the standard calls post_logout_redirect_uri.
  const ask = { client_id: clientId, logout_uri: door, post_logout_redirect_uri: door };
  for (const [name, value] of Object.entries(ask)) target.searchParams.set(name, value);
  location.assign(target);
}

/** Drops a token that the service does not take and signs in again, keeping place and drafts. */
export function renew(): void {
  token = '';
  sessionStorage.removeItem(tokenKey);
  leave().catch(() => {
    session.value = 'error';
    problem.value = 'No pudimos llegar al servicio de ingreso. Inténtalo de nuevo.';
  });
}

async function discover(): Promise<{ clientId: string; found: Discovery }> {
  const config = (await read('/config.json')) as Config;
  const base = config.issuer.replace(/\/$/, '');
  const found = (await read(`${base}/.well-known/openid-configuration`)) as Discovery;
  if (found.issuer.replace(/\/$/, '') !== base) throw new Refused('El servicio de ingreso no es el que esperábamos. Avisa a TI.');
  return { clientId: config.clientId, found };
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function claims(jwt: string): { nonce?: string } {
  const text = atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(text) as { nonce?: string };
}
