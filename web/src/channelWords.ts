/** Our accounts in the words of the people who keep them working. */
import { fullWords, timeWords } from './dates';
import type { Channel, ChannelAct, ChannelState, Level, Method, Network, Trouble } from './types';
import { networks, reasonWords } from './words';

/** An account by its name, and the network with it. */
export const channelName = (c: Channel) => (c.account ? `${networks[c.network]} · ${c.name || c.account}` : networks[c.network]);

export const channelStates: Record<ChannelState, string> = {
  ok: 'Funciona', paused: 'En pausa', closed: 'Desconectada', unconnected: 'Sin conectar', none: 'Ninguna cuenta',
};

/** How an account is, in words that go with the colour. */
export function stateWords(c: Channel): string {
  if (c.state !== 'ok') return channelStates[c.state];
  return { bien: 'Funciona', atencion: 'Funciona, con avisos', mal: 'No funciona bien', ninguno: 'Funciona' }[c.level];
}

export const icons: Record<Level, 'listo' | 'reloj' | 'alerta'> = { bien: 'listo', atencion: 'reloj', mal: 'alerta', ninguno: 'reloj' };

export const actWords: Record<ChannelAct | 'connect', string> = {
  connect: 'Conectar de nuevo', resume: 'Reanudar', look: 'Revisar ahora', pause: 'Pausar', close: 'Desconectar',
};

export const actDoing: Record<ChannelAct, string> = { resume: 'Reanudando…', look: 'Revisando…', pause: 'Pausando…', close: 'Desconectando…' };

/** What ends by itself. */
export const endings: Record<string, string> = {
  acceso: 'la clave', renovacion: 'la clave que renueva el acceso', datos: 'el acceso a los datos', suscripcion: 'la suscripción a los avisos',
};

export interface Advice {
  what: string;
  next: string;
  act?: ChannelAct | 'connect';
}

/** Why an account is paused. */
const pauses: Record<string, Advice> = {
  auth: { what: 'La red ya no acepta nuestra clave.', next: 'Conecta la cuenta de nuevo: lo que espera saldrá solo.', act: 'connect' },
  revocado: { what: 'En la red le quitaron el acceso al gestor.', next: 'Conecta la cuenta de nuevo: lo que espera saldrá solo.', act: 'connect' },
  permission: { what: 'La red no nos dio un permiso que hace falta.', next: 'Conecta la cuenta de nuevo y acepta todos los permisos.', act: 'connect' },
  bloqueado: { what: 'La red nos detuvo.', next: 'Mira en la red qué pide. Cuando esté resuelto, reanuda.', act: 'resume' },
  presupuesto: { what: 'Se acabó lo que esta cuenta puede gastar.', next: 'Cuando TI suba el límite, reanuda.', act: 'resume' },
  por_persona: { what: 'Una persona la puso en pausa.', next: 'Reanúdala cuando quieras que siga saliendo lo que espera.', act: 'resume' },
};

const percent = (share: number | undefined) => `${Math.round((share ?? 0) * 100)} %`;
const ending = (t: Trouble) => endings[t.what ?? ''] ?? t.what ?? '';
const until = (t: Trouble, at: number) => (t.at ? ` hasta ${timeWords(t.at, at)}` : '');

/** Each trouble: what it is, and what comes next. */
const troubles: Record<string, (t: Trouble, c: Channel, at: number) => Advice> = {
  pausado: (t) => pauses[t.what ?? ''] ?? { what: `Está en pausa: ${reasonWords(t.what)}.`, next: 'Reanúdala cuando esté resuelto.', act: 'resume' },
  cerrado: () => ({ what: 'Está desconectada: no sale nada por ella.', next: 'Conéctala de nuevo si la vas a usar.', act: 'connect' }),
  falta_permiso: (t, c) => {
    const m = c.missing.find((one) => one.right === t.what);
    return { what: `Falta un permiso${m?.what ? `: ${m.what}` : ''} (${t.what}).`, next: `${m?.without ?? ''} Conecta la cuenta de nuevo y acepta todos los permisos.`.trim(), act: 'connect' };
  },
  suscripcion_caida: (t) => ({ what: `La red dejó de avisarnos (${t.what}).`, next: 'Revísala: la suscripción se hace de nuevo sola. Si vuelve a caer, avisa a TI.', act: 'look' }),
  vence_pronto: (t, c, at) => {
    const when = t.at ? ` ${timeWords(t.at, at)}` : '';
    return c.expiries.find((e) => e.kind === t.what)?.hands
      ? { what: `Vence ${ending(t)}:${when}.`, next: 'Solo una persona la prolonga: conecta la cuenta de nuevo antes de ese día.', act: 'connect' }
      : { what: `Vence ${ending(t)}:${when}.`, next: 'Se renueva sola. Si esto sigue aquí mañana, avisa a TI.' };
  },
  vencido: (t, _c, at) => ({ what: `Venció ${ending(t)}${t.at ? `: ${timeWords(t.at, at)}` : ''}.`, next: 'Conecta la cuenta de nuevo.', act: 'connect' }),
  sin_entregas: (t) => ({
    what: t.at ? `La red no avisa de nada desde ${fullWords(t.at)}.` : 'La red todavía no avisa de nada.',
    next: 'Puede ser normal. Revísala, por si se perdió algo.', act: 'look',
  }),
  llamada_fallida: (t) => ({ what: `La última llamada falló: ${reasonWords(t.what)}.`, next: 'Se reintenta sola.', act: 'look' }),
  presupuesto_lento: (t, _c, at) => ({ what: `Va usado el ${percent(t.share)} de lo que la red permite.`, next: `Las respuestas siguen saliendo; lo demás espera${until(t, at)}.` }),
  presupuesto_agotado: (t, _c, at) => ({ what: 'Se usó todo lo que la red permite por ahora.', next: `Nada sale${until(t, at)}; después sigue solo.` }),
  gasto_alto: (t) => ({ what: `Va gastado el ${percent(t.share)} del límite de hoy.`, next: 'Al llegar al límite, lo que falte sale mañana.' }),
  gasto_diario_agotado: () => ({ what: 'Se gastó el límite de hoy.', next: 'Lo que espera sale mañana, o cuando TI suba el límite.' }),
};

export const advice = (t: Trouble, c: Channel, at: number): Advice => troubles[t.code]?.(t, c, at) ?? { what: t.code, next: 'Avisa a TI.' };

export const methods: Record<Method, string> = {
  oauth2: 'Dar permiso en la red (lo usual)', oauth1: 'Dar permiso en la red, con una clave que no vence', manual: 'Pegar una clave que ya tengo',
};

/** What each network asks of who connects an account. */
export const asks: Record<Network, string> = {
  facebook: 'Facebook te pedirá ingresar con una persona que administra la página, y permiso para leer y responder sus comentarios y mensajes. Acepta todo: lo que quites faltará.',
  instagram: 'Instagram se conecta por Facebook. La cuenta tiene que ser profesional y estar unida a una página que administras. Acepta todo: lo que quites faltará.',
  x: 'X te pedirá ingresar con la cuenta institucional, no con la tuya. Si en este navegador estás con la tuya, sal de ella primero.',
  linkedin: 'LinkedIn te pedirá ingresar con una persona que administra la página. El permiso dura un año y después hay que darlo de nuevo.',
  whatsapp: 'WhatsApp se conecta por Facebook, con una persona que administra la cuenta de WhatsApp Business. Acepta todo: lo que quites faltará.',
};

/** Why a connection came to nothing. */
const failures: Record<string, string> = {
  rechazada: 'En la red no se dio el permiso.', red: 'La red devolvió un error. Inténtalo de nuevo en unos minutos.',
  tiempo: 'Se acabó el tiempo para conectar. Empieza de nuevo.', sin_cuentas: 'Quien dio el permiso no administra ninguna cuenta que se pueda conectar.',
  auth: 'La red no aceptó la clave.', ilegible: 'Lo que trajiste no se pudo leer. Empieza de nuevo.', no_disponible: 'Aquí no se pueden conectar cuentas de esta red. Avisa a TI.',
};

export const failureWords = (code: string | undefined) => failures[code ?? ''] ?? `No resultó: ${reasonWords(code) || 'no se sabe por qué'}.`;
