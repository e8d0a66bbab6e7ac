/** What waits for a person, in words: what happened, and what to do next. */
import type { Matter } from './types';
import { reserved } from './words';

/** Matters that wait for a person: what happened, and what to do next. */
export const matters: Record<string, { what: string; next: string }> = {
  reply_unknown: {
    what: 'No se sabe si la respuesta salió',
    next: 'Mira la publicación en la red. Luego decide en el caso: si no está, intentarla de nuevo o descartarla; si está, decir que se publicó.',
  },
  reply_refused: { what: 'La red rechazó la respuesta', next: 'Abre el caso: el texto está ahí. Corrígelo según el motivo y envíalo de nuevo.' },
  reply_expired: { what: 'La respuesta no alcanzó a salir', next: 'Abre el caso y revisa si todavía sirve. Luego envíala de nuevo.' },
  reply_overtaken: {
    what: 'La persona escribió de nuevo y hay una respuesta programada',
    next: 'Abre el caso y lee lo nuevo. Si la respuesta ya no sirve, cancélala; si no, saldrá a su hora.',
  },
  siac_unknown: {
    what: 'No se sabe si SIAC recibió el caso',
    next: 'Abre el caso y búscalo de nuevo en SIAC. Si sigue sin saberse, busca su número en SIAC antes de ingresarlo a mano.',
  },
  siac_refused: { what: 'SIAC no aceptó el caso', next: 'Revisa el motivo. Corrige el caso y envíalo de nuevo, o ingrésalo a mano en SIAC.' },
  act_proposed: { what: 'Proponen ocultar un comentario, o mostrarlo', next: 'Abre el caso: ahí apruebas o rechazas la propuesta.' },
  act_refused: { what: 'La red no hizo lo pedido con un texto', next: 'Abre el caso y mira el motivo. Si hace falta, hazlo en la aplicación de la red.' },
  account_paused: {
    what: 'Una cuenta nuestra está en pausa', next: 'Nada sale por ella y lo que espera se guarda. Entra a Canales: ahí dice qué hacer.',
  },
  post_unknown: { what: 'No se sabe si una publicación salió', next: 'Entra a Fallas: ahí miras en la red si está y lo decides con una tecla.' },
  post_refused: { what: 'Una red no aceptó una publicación', next: 'Entra a Fallas: ahí está el motivo, y puedes reintentar o descartar.' },
  post_expired: { what: 'Una publicación no alcanzó a salir', next: 'Entra a Fallas: ahí la reintentas o la descartas.' },
  post_late: { what: 'Una publicación está atrasada', next: 'El sistema la sigue intentando. Si ya no sirve a esta hora, ábrela y cancélala.' },
  post_lapsed: { what: 'Nadie aprobó una publicación a tiempo', next: 'No salió. Si todavía sirve, ábrela, haz una copia y dale otra hora.' },
  post_emergency: { what: 'Una persona publicó sola, por emergencia', next: 'Ábrela, mira qué dice y por qué no podía esperar, y márcala como revisada.' },
  work_overdue: {
    what: 'Un trabajo lleva más de 15 minutos sin terminar',
    next: 'El sistema lo sigue intentando. Si no avanza, avisa a TI con el número del caso.',
  },
};

/** What the network refuses because of us and not of the text: nobody gets further by writing it anew. */
const ours = ({ kind, reason }: Matter) =>
  kind === 'reply_refused' && ['auth', 'permission', 'foreign_host'].includes(reason ?? '')
    ? { what: matters.reply_refused!.what, next: 'El texto no tiene la culpa. Avisa a TI. Cuando lo arreglen, abre el caso y envíalo de nuevo: el texto está ahí.' }
    : undefined;

/** What may be in SIAC of a case that has become a denuncia. */
const secret = {
  what: 'No se sabe si SIAC recibió el caso, y ahora es una denuncia',
  next: 'No lo ingreses a mano. Busca su número en SIAC; si está ahí, pide a quien lleva SIAC que lo reserve.',
};

/** What a matter is and what comes next, as its reason says it better than its kind. */
export const matterWords = (m: Matter) =>
  (m.reason === reserved.code ? reserved : m.reason === 'ahora_denuncia' ? secret : ours(m) ?? matters[m.kind]) ??
  { what: m.kind, next: 'Abre el caso y revisa su historia.' };

/** What the overdue work is (shared/outbox topics). */
const works: Record<string, string> = {
  'post.publish': 'publicar una respuesta', 'post.verify': 'revisar si una respuesta salió', 'siac.file': 'ingresar el caso en SIAC',
  'siac.check': 'buscar el caso en SIAC', 'notice.send': 'avisar por correo', 'post.act': 'hacer algo con un texto en la red',
  'mention.fetch': 'leer un texto en la red', 'media.copy': 'copiar un archivo', 'mention.forget': 'borrar lo que la red no deja guardar',
  'post.prepare': 'llevar una publicación a la red', 'post.broadcast': 'publicar', 'post.confirm': 'revisar si una publicación salió', 'post.lapse': 'terminar una publicación sin aprobar',
  'channel.connect': 'conectar una cuenta', 'channel.look': 'revisar una cuenta',
};

export const workWords = (topic: string | undefined) => (topic ? (works[topic] ?? topic) : '');

/** Why a delivery could not be understood (shared/mention). */
const faults: Record<string, string> = {
  cuerpo_vacio: 'Llegó vacía', cuerpo_muy_grande: 'Era demasiado grande', json_muy_anidado: 'Tenía demasiados niveles',
  json_invalido: 'No era JSON válido', sobre_ilegible: 'Su forma exterior no se entiende', demasiados_items: 'Traía demasiados elementos',
  item_ilegible: 'Un elemento tiene otra forma', id_ilegible: 'Un identificador no se entiende', sin_id: 'Un elemento viene sin identificador',
  sin_cuenta: 'No dice para qué cuenta es', sin_remitente: 'No dice quién la escribió',
};

export const faultWords = (code: string) => faults[code] ?? code;
