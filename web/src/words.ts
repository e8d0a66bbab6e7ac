/** Codes of the service in the words of the people who work with it. */
import type { Intent, Matter, Mention, Network, ReplyState, State, Unit, Urgency, Visibility } from './types';

export const networks: Record<Network, string> = {
  facebook: 'Facebook', instagram: 'Instagram', x: 'X', linkedin: 'LinkedIn', whatsapp: 'WhatsApp',
};

export const intents: Record<Intent, string> = {
  denuncia: 'Denuncia', reclamo: 'Reclamo', consulta: 'Consulta', sugerencia: 'Sugerencia', felicitacion: 'Felicitación', spam: 'Spam',
};

export const intentGroups: Record<Intent, string> = {
  denuncia: 'Denuncias', reclamo: 'Reclamos', consulta: 'Consultas', sugerencia: 'Sugerencias', felicitacion: 'Felicitaciones', spam: 'Spam',
};

/** What each class means, for who corrects it. */
export const intentMeanings: Record<Intent, string> = {
  denuncia: 'Relata un presunto ilícito o una falta. Pasa a la cola reservada.',
  reclamo: 'Está insatisfecha y espera remedio. Se envía a SIAC.',
  consulta: 'Pide información u orientación.',
  sugerencia: 'Propone un cambio o una mejora.',
  felicitacion: 'Agradece o elogia.',
  spam: 'Publicidad, estafa o ruido sin acción posible.',
};

export const states: Record<State, string> = {
  ingresado: 'Ingresado', en_analisis: 'En análisis', pendiente_antecedentes: 'Pendiente de antecedentes', desistido: 'Desistido',
  derivado: 'Derivado', no_competencia: 'No es competencia', respondido: 'Respondido', cerrado: 'Cerrado', reabierto: 'Reabierto',
  apelado: 'Apelado', duplicado: 'Duplicado', spam: 'Spam', anulado: 'Anulado',
};

export const urgencies: Record<Urgency, string> = { critica: 'Urgencia crítica', alta: 'Urgencia alta', media: 'Urgencia media', baja: 'Urgencia baja' };

export const visibilityWords: Record<Visibility, string> = { public: 'pública', private: 'privada' };

export const unitWords: Record<Unit, string> = { characters: 'caracteres', bytes: 'bytes', weighted: 'caracteres, como cuenta X' };

export const replyStates: Record<ReplyState, string> = {
  planned: 'Planificada', claimed: 'Saliendo', sent: 'Enviada', unknown: 'No se sabe', refused: 'Rechazada', expired: 'No alcanzó a salir',
  cancelled: 'Deshecha',
};

const roles: Record<string, string> = {
  community_manager: 'Ejecutiva o ejecutivo', supervisor: 'Supervisión', analista_siac: 'Analista SIAC', oirs_regional: 'OIRS regional',
  jefatura_unidad: 'Jefatura de unidad', comunicaciones: 'Comunicaciones', encargado_denuncias: 'Encargo de denuncias',
  datos_personales: 'Datos personales', ti_admin: 'TI', auditor: 'Auditoría', lector_programa: 'Lectura de programa',
};

export const roleWords = (codes: string[]) => codes.map((code) => roles[code] ?? code).join(', ') || 'Sin rol';

/** Why a network or SIAC did not do what was asked (codes of the adapters). */
const reasons: Record<string, string> = {
  auth: 'la red no aceptó nuestra credencial', permission: 'la aplicación no tiene permiso para esto', window: 'terminó el tiempo para responder',
  recipient: 'no se le puede escribir a esta persona', throttle: 'la red pidió esperar', duplicate: 'la red dice que ese texto ya estaba',
  content: 'la red no publica este texto', gone: 'el comentario ya no existe', unknown_outcome: 'la red no dijo si lo hizo',
  unreachable: 'no hubo conexión con la red', foreign_host: 'la red apuntó a una dirección ajena', too_many: 'hay demasiados comentarios para revisar',
  interrumpida: 'el envío se interrumpió', denuncia_reservada: 'el caso pasó a ser una denuncia y va por su canal reservado',
  vencida: 'pasó el plazo para enviarla',
  channel_paused: 'la cuenta está en pausa', channel_budget: 'se usó lo que la red permite por ahora', channel_spend: 'se gastó el límite de hoy',
  channel_closed: 'la cuenta está desconectada', revocado: 'le quitaron el acceso al gestor', bloqueado: 'la red bloqueó la cuenta',
  unsupported: 'la red no lo permite', quota: 'se usó lo que la red permite', not_summoned: 'X no deja responder a quien no nombró la cuenta',
  foreign: 'la cuenta no es nuestra', version: 'la red cambió su forma de recibir', credentials: 'no pudimos leer la clave de la cuenta',
  ahora_denuncia: 'el caso pasó a ser una denuncia y ya no se envía', folio_de_otro_caso: 'SIAC dio el folio de otro caso',
  other: 'la red no dijo por qué', no_encontrada: 'no apareció al buscarla', no_encontrado: 'no apareció al buscarlo', transient: 'el servicio estaba ocupado',
  invalid: 'los datos no fueron aceptados', denied: 'no tenemos permiso', permanent: 'lo rechazó en forma definitiva',
  uncertain: 'no respondió con claridad', conflict: 'ya existía con otro contenido', not_found: 'no existe', poison: 'el mensaje no se entiende',
};

export const reasonWords = (code: string | undefined) => (code ? (reasons[code] ?? code) : '');

/** Why a text may be hidden; there are no other reasons. */
export const hideReasons: Record<string, string> = {
  dato_personal: 'Muestra datos personales', spam: 'Es spam o una estafa', delito: 'Es un delito: amenaza, odio o difamación', menor: 'Expone a un menor de edad',
};

export const hideWords = (code: string | undefined) => (hideReasons[code ?? ''] ?? code ?? '').toLowerCase();

/** How far an answer came on its way to the person. */
export const receipts: Record<string, string> = { sent: 'Enviado', delivered: 'Entregado', read: 'Leído', played: 'Escuchado', failed: 'No llegó', deleted: 'Borrado' };

/** Why a delivery could not be understood (shared/mention). */
const faults: Record<string, string> = {
  cuerpo_vacio: 'Llegó vacía', cuerpo_muy_grande: 'Era demasiado grande', json_muy_anidado: 'Tenía demasiados niveles',
  json_invalido: 'No era JSON válido', sobre_ilegible: 'Su forma exterior no se entiende', demasiados_items: 'Traía demasiados elementos',
  item_ilegible: 'Un elemento tiene otra forma', id_ilegible: 'Un identificador no se entiende', sin_id: 'Un elemento viene sin identificador',
  sin_cuenta: 'No dice para qué cuenta es', sin_remitente: 'No dice quién la escribió',
};

export const faultWords = (code: string) => faults[code] ?? code;

const topicNames: Record<string, string> = {
  sue: 'Subsidio Unificado al Empleo', sej: 'Subsidio al Empleo Joven', btm: 'Bono al Trabajo de la Mujer', ife_laboral: 'IFE Laboral',
  protege: 'Subsidio Protege', nuevo_empleo: 'Subsidio Nuevo Empleo', franquicia: 'Franquicia Tributaria', formate: 'Fórmate para el Trabajo',
  despega_mipe: 'Despega Mipe', becas_laborales: 'Becas Laborales', cursos_linea: 'Cursos en Línea', cursos: 'Cursos', otec: 'OTEC',
  clave: 'Clave', bne: 'Bolsa Nacional de Empleo', cotizaciones: 'Cotizaciones', certificados: 'Certificados', pagos: 'Pagos',
  postulacion: 'Postulación', plataforma: 'Plataforma', atencion: 'Atención', estafa: 'Suplantación y fraude', otro: 'Otro tema',
};

export const topicWords = (code: string) => topicNames[code] ?? code;

const flagNames: Record<string, string> = {
  sin_texto: 'No trae texto que leer', sospecha_inyeccion: 'Parte del texto le habla al clasificador', ironia_posible: 'Puede ser ironía',
  datos_personales: 'Contiene datos personales', datos_expuestos: 'Muestra datos personales en público', truncado: 'Solo se leyó la primera parte',
  riesgo_vida: 'Puede haber riesgo para una vida', derechos_datos: 'Pide algo sobre sus datos personales', saip: 'Pide información por Ley de Transparencia',
};

export const flagWords = (code: string) => flagNames[code] ?? code;

/** A rule that spoke ("reclamo: llevo|llevamos ~ mes|meses", see reglas.tsv) in words, its long lists cut short. */
export function ruleWords(rule: string): string {
  const at = rule.indexOf(': ');
  const head = intents[rule.slice(0, at) as Intent]?.toLowerCase() ?? rule.slice(0, at);
  const patterns = rule.slice(at + 2).split(' ; ').map((pattern) => {
    const words = pattern.split(' ').map((word) => {
      const options = word.replaceAll('*', '…').split('|');
      return options.length > 4 ? `${options.slice(0, 3).join(', ')}, etc.` : options.join(', ');
    });
    return `«${words.join(' · ').replaceAll(' · ~ · ', '» cerca de «')}»`;
  });
  return `Señal de ${head}: ${patterns.slice(0, 3).join(' o ')}${patterns.length > 3 ? ' u otras' : ''}.`;
}

/** Those of the flags that a person must see before anything else. */
export const alarming: readonly string[] = ['riesgo_vida', 'datos_expuestos', 'sospecha_inyeccion', 'saip', 'derechos_datos'];

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

/** What a person wrote, or why nothing is there: some mentions come without their text. */
export function textOf(m: Mention, network: Network): string {
  if (m.text.trim()) return m.text;
  if (m.flags?.includes('forgotten')) return `${networks[network]} no deja guardar lo que escriben las personas por más de 48 horas. Míralo allá.`;
  if (m.flags?.includes('unavailable')) return 'Texto no disponible: la red no lo entregó. Míralo allá.';
  if (m.deleted || m.attachments.length > 0) return 'Sin texto';
  return `${networks[network]} avisó de este mensaje sin mandar el texto. Míralo allá.`;
}

/** What was on its way when the case became a denuncia. */
export const reserved = {
  code: 'denuncia_reservada', what: 'No salió: el caso pasó a ser una denuncia', next: 'No lo envíes de nuevo mientras el caso sea una denuncia: sigue por su canal reservado.',
};

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
  'channel.connect': 'conectar una cuenta', 'channel.look': 'revisar una cuenta',
};

export const workWords = (topic: string | undefined) => (topic ? (works[topic] ?? topic) : '');
