/** The list of cases, with the open one beside it. */
import { useEffect } from 'preact/hooks';
import { Failure } from '../api';
import { gone, row } from '../cases';
import { channelKey, paused } from '../channels';
import { channelName } from '../channelWords';
import { count } from '../dates';
import { focusSoon, rowId, say, titleId } from '../focus';
import { standing } from '../keys';
import { belongs, list, more, open, viewOf, type List } from '../list';
import { me } from '../me';
import type { Intent, State, Ticket } from '../types';
import { address, place } from '../url';
import { intentGroups, states, textOf } from '../words';
import { Age, Due, Empty, Failed, IntentChip, Loading, Name, useKeepFocus } from './bits';
import { CasePane } from './Case';
import { Filters, viewName, Views } from './Filters';
import { Mark, NetworkName } from './icons';

export function Inbox() {
  const { id, filters } = place.value;
  const who = me.value!;
  const view = viewOf(filters, who);
  useKeepFocus(titleId, titleId);
  useEffect(() => void open(filters, who), [view, filters.estado, filters.clase, filters.red, filters.q]);
  const name = viewName(view, filters, who);
  useEffect(() => {
    if (!id) document.title = `${name} · Gestor de redes`;
  }, [id, name]);
  const H = id ? 'h2' : 'h1';
  return (
    <div class={id ? 'bandeja abierta' : 'bandeja'}>
      <section class="lista" aria-labelledby={titleId}>
        <div class="lista-cabeza">
          <div class="lista-titulo">
            <H id={titleId} tabIndex={-1}>{name}</H>
            <Views view={view} />
            {who.may.capture && <a class="nuevo" href="/nuevo" data-dentro>Nuevo caso</a>}
          </div>
          <Filters view={view} />
        </div>
        <Paused />
        <Rows />
      </section>
      {id ? <CasePane key={id} id={id} /> : (
        <section class="panel-vacio" aria-label="Caso"><p>Elige un caso de la lista para verlo aquí.</p></section>
      )}
    </div>
  );
}

/** Accounts that are paused: what was answered through them waits. */
function Paused() {
  const there = paused();
  if (there.length === 0) return null;
  return (
    <div class="franja" role="status">
      <ul>
        {there.map((c) => (
          <li key={channelKey(c)}><Mark name="alerta" /><strong><bdi>{channelName(c)}</bdi> está en pausa</strong>{c.backlog > 0 && `: ${count(c.backlog, 'respuesta espera', 'respuestas esperan')}`}.</li>
        ))}
      </ul>
      <p><a href="/canales" data-dentro>Ver qué hacer en Canales</a></p>
    </div>
  );
}

function Rows() {
  const l = list.value;
  const filters = place.value.filters;
  if (!l || l.state === 'cargando') return <Loading lines={8} what="Cargando los casos" />;
  const again = () => void open(filters, me.value!, true);
  if (l.state === 'error' && l.failure) return <Failed failure={l.failure} retry={again} />;
  const groups = group(l);
  const filtered = Boolean(filters.clase || filters.red || filters.q || filters.estado);
  return (
    <div class="filas">
      <Fresh l={l} />
      {groups.length === 0 && !l.next && (filtered
        ? <Empty title="Ningún caso cumple lo que buscas."><p><a href={address('', { ...filters, clase: '', red: '', q: '', estado: '' })} data-dentro>Quitar los filtros</a></p></Empty>
        : <Empty title={emptyWords[l.view]} />)}
      {groups.map((g) => <Group key={`${g.name} ${g.ids[0]}`} name={g.name} ids={g.ids} l={l} folded={g.name === intentGroups.spam && !filters.clase} />)}
      {l.next && <button type="button" class="ancho" disabled={l.more} onClick={() => void loadMore()}>{l.more ? 'Cargando…' : 'Cargar más'}</button>}
    </div>
  );
}

const emptyWords = {
  cola: 'La cola está vacía: nadie espera respuesta.', mios: 'No tienes casos tomados.', denuncias: 'No hay denuncias en espera.',
  estado: 'No hay casos en este estado.', todos: 'Todavía no hay casos.',
};

async function loadMore(): Promise<void> {
  try {
    const first = await more(place.peek().filters);
    if (first) focusSoon(rowId(first));
    else say('No hay más casos.');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.words);
  }
}

/** The cases in the order of the service, under the name of what they share there. */
function group(l: List): { name: string; ids: string[] }[] {
  const groups: { name: string; ids: string[] }[] = [];
  for (const id of l.ids) {
    const t = row(id)?.peek();
    if (!t) continue;
    const name = groupName(l, t, groups.at(-1));
    const last = groups.at(-1);
    if (last?.name === name) last.ids.push(id);
    else groups.push({ name, ids: [id] });
  }
  return groups;
}

function groupName(l: List, t: Ticket, last: { name: string } | undefined): string {
  if (l.view === 'mios') return 'Por vencimiento';
  // A case that changed since the list was read stays in the group where it stands.
  const moved = last && Date.parse(t.updatedAt) > l.at;
  if (moved) return last.name;
  if (l.view === 'todos') return t.state === 'reabierto' || t.state === 'ingresado' ? 'En cola' : states[t.state as State];
  if (t.intent.final === 'spam' && !t.intent.folded) return 'Quizás spam';
  return intentGroups[t.intent.final as Intent];
}

/** New cases wait behind this button, and those that left stay until it is pressed: the list under the cursor does not move. */
function Fresh({ l }: { l: List }) {
  const shown = l.fresh.filter((id) => !gone.value.has(id));
  const left = l.ids.filter((id) => gone.value.has(id) || !belongs(row(id)!.value, l.view, place.value.filters, me.value!)).length;
  useEffect(() => {
    if (shown.length > 0) say(count(shown.length, 'caso nuevo', 'casos nuevos'));
  }, [shown.length]);
  if (shown.length + left === 0) return null;
  const show = async () => {
    await open(place.peek().filters, me.value!, true);
    focusSoon(rowId(shown[0] ?? ''), titleId);
  };
  return (
    <button type="button" class="nuevos" onClick={() => void show()}>
      {shown.length > 0 ? count(shown.length, 'nuevo', 'nuevos') : `Actualizar: ${count(left, 'ya no está', 'ya no están')}`}
    </button>
  );
}

function Group({ name, ids, l, folded }: { name: string; ids: string[]; l: List; folded: boolean }) {
  const H = place.value.id ? 'h3' : 'h2';
  const seen = ids.filter((id) => !gone.value.has(id));
  const title = <>{name} <span class="cuantos">{seen.length}</span></>;
  const rows = <ul>{ids.map((id) => <Row key={id} id={id} l={l} />)}</ul>;
  if (folded) return <details class="grupo"><summary>{title}</summary>{rows}</details>;
  return <section class="grupo"><H class="grupo-titulo">{title}</H>{rows}</section>;
}

function Row({ id, l }: { id: string; l: List }) {
  const t = row(id)!.value;
  const who = me.value!;
  const { id: openId, filters } = place.value;
  if (gone.value.has(id)) return <li class="fila ida"><p>Ya no puedes ver este caso.</p></li>;
  const stays = belongs(t, l.view, filters, who);
  const first = standing.value && l.ids.includes(standing.value) ? standing.value : l.ids[0];
  return (
    <li class={`fila ${stays ? '' : 'salio'}`}>
      <a
        id={rowId(id)} href={address(id, filters)} data-dentro tabIndex={first === id ? 0 : -1}
        aria-current={openId === id ? 'true' : undefined} onFocus={() => (standing.value = id)} onKeyDown={arrows}
      >
        <span class="fila-arriba"><NetworkName network={t.network} /><IntentChip intent={t.intent.final} /><Urgent t={t} /><Due t={t} /></span>
        <span class="fila-texto" dir="auto">{firstLine(t)}</span>
        <span class="fila-abajo">
          <Name t={t} /><Age at={t.openedAt} /><Owner t={t} /><Filed t={t} />
          {!stays && <span class="ya-no">{states[t.state]}: ya no está en esta vista</span>}
        </span>
      </a>
    </li>
  );
}

function arrows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...document.querySelectorAll<HTMLElement>('.filas a[id^="caso-"]')].filter((a) => a.getClientRects().length > 0);
  const at = links.indexOf(event.currentTarget as HTMLElement);
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

const firstLine = (t: Ticket) => (t.mentions[0] ? textOf(t.mentions[0], t.network) : 'Sin texto');

function Urgent({ t }: { t: Ticket }) {
  if (t.urgency !== 'critica' && t.urgency !== 'alta') return null;
  return <span class={`urgente ${t.urgency}`}><Mark name="alerta" />{t.urgency === 'critica' ? 'Crítica' : 'Alta'}</span>;
}

function Owner({ t }: { t: Ticket }) {
  if (!t.assignee) return null;
  return <span class="dueno">{t.assignee === me.value?.id ? 'Lo tienes tú' : <>Lo tiene <bdi>{t.assigneeName || t.assignee}</bdi></>}</span>;
}

function Filed({ t }: { t: Ticket }) {
  const words = { none: '', not_applicable: '', pending: 'SIAC pendiente', unknown: 'SIAC por verificar', filed: `Folio ${t.siac.folio ?? ''}` }[t.siac.state];
  return words ? <span class="siac-corto">{words}</span> : null;
}
