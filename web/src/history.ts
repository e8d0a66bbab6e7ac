/** The bitácora of a case in words. */
import { fullWords } from './dates';
import type { Event, Intent, Ticket } from './types';
import { hideWords, intents, reasonWords, reserved } from './words';

/** The names of those who appear in a case; the system has one of its own. */
export function names(t: Ticket, me: { id: string; name: string }): Map<string, string> {
  const known = new Map([['sistema', 'El sistema'], [me.id, me.name]]);
  if (t.assignee && t.assigneeName) known.set(t.assignee, t.assigneeName);
  for (const reply of t.replies) if (reply.authorName) known.set(reply.author, reply.authorName);
  return known;
}

const rules: Record<string, string> = {
  'E-1': 'porque es un reclamo claro (regla E-1)', 'E-2': 'si nadie decide antes, porque la clase es dudosa (regla E-2)', por_persona: 'a pedido de una persona',
};

const intent = (code: string | undefined) => `«${intents[code as Intent] ?? code ?? ''}»`;
const because = (reason: string | undefined) => (reason ? `: ${reasonWords(reason)}` : '');

const verbs: Record<string, string> = {
  hide: 'ocultar un mensaje', unhide: 'mostrar de nuevo un mensaje', like: 'marcar «me gusta» en un mensaje', remove: 'borrar en la red una respuesta nuestra',
};
const verb = (e: Event) => verbs[e.facts?.verb ?? ''] ?? 'hacer algo con un texto';

/** What was done, after who did it. */
const deeds: Record<string, (e: Event) => string> = {
  'ticket.opened': (e) => `abrió el caso como ${intent(e.facts?.intent)}`,
  'ticket.claimed': () => 'tomó el caso',
  'ticket.released': () => 'devolvió el caso a la cola',
  'ticket.classified': (e) =>
    `${e.facts?.from === e.facts?.to ? 'confirmó la clase' : `cambió la clase de ${intent(e.facts?.from)} a`} ${intent(e.facts?.to)}${e.reason ? `. Motivo: ${e.reason}` : ''}`,
  'model.exported': () => 'descargó aquello de lo que aprende el clasificador',
  'ticket.reopened': () => 'reabrió el caso: la persona escribió de nuevo',
  'ticket.closed': (e) => `cerró el caso${e.reason ? `. Motivo: ${e.reason}` : ''}`,
  'mention.added': () => 'agregó un mensaje nuevo de la persona',
  'mention.edited': () => 'registró que la persona editó su mensaje',
  'mention.deleted': () => 'registró que la persona borró su mensaje',
  'mention.filled': (e) => `obtuvo el texto que faltaba y lo leyó como ${intent(e.facts?.intent)}`,
  'mention.hidden': () => 'registró que el comentario quedó oculto en la red',
  'mention.shown': () => 'registró que el comentario volvió a mostrarse en la red',
  'citizen.named': () => 'obtuvo de la red el nombre de la persona',
  'mention.forgotten': () => 'borró lo que la red no permite guardar por más tiempo',
  'reply.planned': () => 'preparó una respuesta',
  'reply.sent': () => 'publicó la respuesta',
  'reply.unknown': (e) => `no sabe si la respuesta salió${because(e.reason)}`,
  'reply.refused': (e) => `${e.reason === reserved.code ? 'detuvo la respuesta' : 'registró que la red no publicó la respuesta'}${because(e.reason)}`,
  'reply.delayed': (e) => `volverá a intentar la respuesta${because(e.reason)}`,
  'reply.cancelled': () => 'deshizo la respuesta',
  'reply.native': () => 'registró una respuesta dada en la aplicación de la red',
  'reply.edited': () => 'registró que la respuesta se editó en la red',
  'reply.removed': () => 'registró que la respuesta se borró en la red',
  'reply.confirmed': () => 'confirmó que la respuesta está en la red',
  'reply.retried': () => 'pidió enviar la respuesta de nuevo',
  'reply.discarded': () => 'descartó la respuesta',
  'reply.recorded': () => 'registró una respuesta que se dio fuera',
  'act.proposed': (e) => `propuso ${verb(e)}${e.reason ? `: ${hideWords(e.reason)}` : ''}`,
  'act.planned': (e) => `decidió ${verb(e)}${e.reason ? `: ${hideWords(e.reason)}` : ''}`,
  'act.done': (e) => `logró ${verb(e)}`,
  'act.refused': (e) => `registró que la red no dejó ${verb(e)}${because(e.facts?.refused)}`,
  'act.cancelled': (e) => `${e.facts?.was === 'proposed' ? 'rechazó o retiró la propuesta de' : 'deshizo'} ${verb(e)}`,
  'siac.planned': (e) => `planificó el envío a SIAC ${rules[e.reason ?? ''] ?? ''}`.trim(),
  'siac.sought': () => 'pidió buscar el caso de nuevo en SIAC',
  'siac.undone': () => 'deshizo el envío a SIAC',
  'siac.unknown': (e) => `no sabe si SIAC recibió el caso${because(e.reason)}`,
  'siac.delayed': (e) => `volverá a intentar el envío a SIAC${because(e.reason)}`,
  'siac.refused': (e) => `registró que SIAC no aceptó el caso${because(e.reason)}`,
  'siac.filed': (e) => `ingresó el caso en SIAC con el folio ${e.facts?.folio ?? ''}`.trim(),
};

export interface Line {
  version: number;
  at: string;
  title: string;
  who: string;
  deed: string;
}

export function lines(events: Event[], known: Map<string, string>): Line[] {
  return events.map((e) => ({
    version: e.version,
    at: e.at,
    title: fullWords(e.at),
    who: e.actorName || (known.get(e.actor) ?? e.actor),
    deed: deeds[e.kind]?.(e) ?? e.kind,
  }));
}

/** What is different in a case that moved, in sentences for the person me, who knows what they did themselves. */
export function differences(before: Ticket, after: Ticket, me: string): string[] {
  const told: string[] = [];
  if (before.assignee !== after.assignee && (!after.assignee || after.assignee !== me)) {
    told.push(after.assignee ? `Ahora lo tiene ${after.assigneeName || after.assignee}.` : 'Ya no lo tiene nadie.');
  }
  const added = after.mentions.filter((m) => !before.mentions.some((old) => old.id === m.id));
  if (added.length > 0) told.push(added.length === 1 ? 'La persona escribió un mensaje nuevo.' : `La persona escribió ${added.length} mensajes nuevos.`);
  for (const m of after.mentions) {
    const old = before.mentions.find((one) => one.id === m.id);
    if (!old) continue;
    if (m.deleted && !old.deleted) told.push('La persona borró un mensaje.');
    else if (m.editedAt !== old.editedAt) told.push('La persona editó su mensaje.');
  }
  for (const reply of after.replies) {
    if (before.replies.some((old) => old.id === reply.id)) continue;
    told.push(`${reply.authorName || reply.author} ya preparó una respuesta.`);
  }
  if (before.intent.final !== after.intent.final) told.push(`La clase ahora es ${intent(after.intent.final)}.`);
  if (before.siac.state !== after.siac.state && after.siac.state === 'filed') told.push(`Ya está en SIAC con el folio ${after.siac.folio ?? ''}.`);
  if (before.state !== after.state && after.state === 'cerrado') told.push('El caso se cerró.');
  return told;
}

/** Whether a case that moved is still what a person saw of it when they decided something. */
export function looksTheSame(before: Ticket, after: Ticket): boolean {
  const fate = (t: Ticket) => t.replies.map((r) => [r.id, r.state, r.receipt === 'failed', r.removedAt ?? '', r.editedAt ?? ''].join()).join(';');
  return differences(before, after, '').length === 0 && before.state === after.state && before.siac.state === after.siac.state
    && before.urgency === after.urgency && before.intent.gestor === after.intent.gestor && fate(before) === fate(after);
}
