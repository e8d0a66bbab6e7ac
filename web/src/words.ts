/** Codes of the service in the words of the people who work with it. */
import type { Intent, Mention, Network, ReplyState, State, Unit, Urgency, Visibility } from './types';

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

const topicNames: Record<string, string> = {
  sue: 'Subsidio Unificado al Empleo', sej: 'Subsidio al Empleo Joven', btm: 'Bono al Trabajo de la Mujer', ife_laboral: 'IFE Laboral (histórico)',
  protege: 'Subsidio Protege (histórico)', nuevo_empleo: 'Subsidio Nuevo Empleo (histórico)', franquicia: 'Franquicia Tributaria',
  formate: 'Fórmate para el Trabajo',
  despega_mipe: 'Despega Mipe', becas_laborales: 'Becas Laborales', cursos_linea: 'Cursos en Línea', cursos: 'Cursos', otec: 'OTEC',
  clave: 'Clave', bne: 'Bolsa Nacional de Empleo', cotizaciones: 'Cotizaciones', certificados: 'Certificados', pagos: 'Pagos',
  postulacion: 'Postulación', plataforma: 'Plataforma', atencion: 'Atención', estafa: 'Suplantación y fraude', otro: 'Otro tema',
};

export const topicWords = (code: string) => topicNames[code] ?? code;

const flagNames: Record<string, string> = {
  sin_texto: 'No trae texto que leer', sospecha_inyeccion: 'Parte del texto le habla al clasificador', ironia_posible: 'Puede ser ironía', acusacion_posible: 'Puede acusar a alguien',
  datos_personales: 'Contiene datos personales', datos_expuestos: 'Muestra datos personales en público', truncado: 'Solo se leyó la primera parte',
  riesgo_vida: 'Puede haber riesgo para una vida', derechos_datos: 'Pide algo sobre sus datos personales', saip: 'Pide información por Ley de Transparencia',
  apelacion: 'Habla de una apelación', pago: 'Habla de un pago que falta', politico: 'Habla de política', prensa: 'Nombra a la prensa o a parlamentarios',
  insulto: 'Trae insultos', suplantacion: 'Habla de una suplantación', venta: 'Ofrece algo', idioma: 'No está en español', solo_cuentas: 'Solo nombra otras cuentas',
};

/** What a case is within its class, where that is treated in a way of its own. */
const subtypes: Record<string, string> = {
  apelacion: 'apelación', saip: 'solicitud de información pública', derechos_datos: 'derechos sobre datos personales', politico: 'político', ruido: 'sin petición',
};

export const subtypeWords = (code: string) => subtypes[code] ?? code;

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
