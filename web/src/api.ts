/** The service over HTTP: errors as the API gives them, and writes that can be repeated without being done twice. */
import { signal } from '@preact/signals';
import { bearer, expire } from './auth';
import { heardNow } from './clock';
import type { Action, Problem, Ticket } from './types';

/** A request that came to nothing. Status 0: no answer came. */
export class Failure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
  /** A sentence for the person. */
  get words(): string {
    return this.problem.motivo || this.problem.detail || this.problem.title;
  }
}

/** Whether the last request reached the service. */
export const reached = signal(true);

const patience = 20_000;

/** Asks for something. What came is read as JSON, or as read says; a refusal is JSON always. */
export async function request<T>(path: string, init: RequestInit = {}, read: (r: Response) => Promise<unknown> = (r) => r.json()): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${bearer()}`);
  headers.set('Accept', 'application/json');
  let response: Response;
  let body: unknown;
  const sent = Date.now();
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store', signal: AbortSignal.timeout(init.body instanceof Blob ? 6 * patience : patience) });
    heardNow(response.headers.get('Gestor-Now'), sent);
    body = await (response.ok ? read(response) : response.json()).catch(() => undefined);
  } catch {
    reached.value = false;
    throw new Failure({ status: 0, title: 'Sin conexión', detail: 'No pudimos llegar al servicio. Revisa tu conexión.' });
  }
  reached.value = true;
  if (response.ok && (body !== undefined || response.status === 204)) return body as T;
  if (response.status === 401) expire();
  const told = body as Partial<Problem> | undefined;
  const problem: Problem = {
    title: 'No se pudo completar',
    detail: 'El servicio no respondió como se esperaba. Inténtalo de nuevo en unos segundos.',
    ...told,
    status: response.status,
  };
  if (response.status === 401) problem.detail = 'Tu sesión terminó. Ingresa de nuevo: lo que escribiste queda guardado.';
  throw new Failure(problem);
}

/** Asks for a file. */
export const fetchFile = (path: string) => request<Blob>(path, {}, (r) => r.blob());

/** Failures after which the same request may be made again by itself. */
function passing(status: number): boolean {
  return status === 0 || status === 429 || (status >= 502 && status <= 504);
}

/** The key of each attempt that has no answer yet: asking again for the same thing is the same attempt. */
const attempts = new Map<string, string>();

const pauses = [600, 2000];

/** Writes something, and again by itself while no answer comes: it is done once. A body that is no text goes as it is. */
export async function write<T>(path: string, order: unknown, name = `${path} ${JSON.stringify(order)}`, method = 'POST'): Promise<T> {
  const file = order instanceof Blob ? order : undefined;
  const body = file ?? JSON.stringify(order);
  const key = attempts.get(name) ?? crypto.randomUUID();
  attempts.set(name, key);
  for (let attempt = 0; ; attempt++) {
    try {
      const done = await request<T>(path, {
        method,
        headers: { 'Content-Type': file?.type || 'application/json', 'Idempotency-Key': key },
        body,
      });
      attempts.delete(name);
      return done;
    } catch (error) {
      const pause = pauses[attempt];
      if (!(error instanceof Failure)) throw error;
      if (!passing(error.status)) {
        if (error.status < 500 && error.status !== 401) attempts.delete(name);
        throw error;
      }
      if (pause === undefined) throw error;
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

/** Does something with a case and gives its new state. */
export const act = (id: string, action: Action, order: Record<string, unknown>) =>
  write<Ticket>(`/api/v1/tickets/${encodeURIComponent(id)}/${action}`, order);
