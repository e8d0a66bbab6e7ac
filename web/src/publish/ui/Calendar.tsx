/** What goes out when: by month, by week and as a list; and moved from there. */
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { moment, now, second, secondsTo } from '../../clock';
import { focusSoon, say } from '../../focus';
import { dialog } from '../../keys';
import { me } from '../../me';
import type { Network } from '../../types';
import { Empty, Failed, Loading } from '../../ui/bits';
import { go, place, visit } from '../go';
import { networks } from '../../words';
import { asking, carry, chipId, drop, dropOn, giveUp, movedAt, pick, picked, undoable, undoMove } from '../move';
import { MoveDialog } from './MoveDialog';
import { dayId, DayMarks, Month, PostChip, Week } from './Month';
import { byDay, localOf, periodWords, rangeOf, stepOf, turn, type CalendarView } from '../grid';
import { Frame, useNarrow, WrongBox } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { known, onNews, postsShown, readDays, readPosts, shown } from '../posts';
import type { Post } from '../types';
import { addDays, dateOf, home, longDay, shortDay, wallOf, whenWords, zoneWords } from '../wall';

const sheet: [string, string][] = [
  ['← ↑ → ↓', 'Calendario: otro día'], ['Enter', 'Entrar al día; abrir la publicación'], ['Re Pág / Av Pág', 'Período anterior / siguiente'],
  ['n', 'Nueva publicación'], ['m', 'Tomar la publicación para moverla'], ['Mayús + flechas', 'Al mover: otra hora'], ['u', 'Deshacer el movimiento'], ['h', 'Ir a hoy'],
];

/** The address of the calendar, with what is said changed. */
function href(fields: Record<string, string>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(fields)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return `/calendario?${query}`;
}

const views: [CalendarView, string][] = [['mes', 'Mes'], ['semana', 'Semana'], ['agenda', 'Agenda']];

/** Reads what the address asks for. */
function useAddress(narrow: boolean) {
  void place.value;
  const query = new URLSearchParams(location.search);
  const today = dateOf(wallOf(moment.value));
  const asked = query.get('vista');
  const view = views.some(([v]) => v === asked) ? (asked as CalendarView) : narrow ? 'agenda' : 'mes';
  const day = query.get('dia') ?? '';
  return { view, today, day: /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : today, network: (query.get('red') ?? '') as Network | '' };
}

export function Calendar() {
  const narrow = useNarrow();
  const { view, today, day, network } = useAddress(narrow);
  const [from, to] = rangeOf(view, day);
  const read = () => {
    void readPosts({ view: 'calendar', from, to, ...(network ? { network } : {}) });
    readDays(from, to).catch(() => undefined);
  };
  useEffect(() => {
    read();
    return onNews(read);
  }, [from, to, network, movedAt.value]);
  const posts = postsShown();
  const held = picked.value;
  const carried = held && known.value.get(held.id);
  const all = carried && !posts.some((p) => p.id === carried.id) ? [...posts, carried] : posts;
  const at = byDay(all, held);
  // What is carried stays in sight, and the keyboard with it.
  useLayoutEffect(() => {
    if (!held || asking.peek()) return;
    const date = dateOf(held.to);
    if (date !== day) go(href({ dia: date }), true);
    document.getElementById(chipId(held.id))?.focus();
  }, [held?.to, day]);
  useEffect(() => () => { picked.value = undefined; }, []);
  const goDay = (date: string) => {
    go(href({ dia: date }), true);
    focusSoon(dayId(date));
  };
  useScreenKeys({
    n: () => (me.peek()?.may.post ? visit(`/publicaciones/nueva?dia=${day < today ? today : day}`) : say('Tu rol no escribe publicaciones.')),
    m: () => pick(known.peek().get((document.activeElement as HTMLElement | null)?.dataset.pub ?? '')),
    u: () => void undoMove(),
    h: () => goDay(today),
  }, sheet);
  const state = shown.value.state;
  const page = (pages: number) => href({ dia: turn(view, day, pages) });
  return (
    <Frame title="Calendario" head={me.value?.may.post && <a class="boton" href={`/publicaciones/nueva?dia=${day < today ? today : day}`} data-dentro>Nueva publicación</a>}>
      <div class="cal-barra">
        <h2 aria-live="polite">{periodWords(view, day)}</h2>
        <p class="botones">
          <a class="boton secundario" href={page(-1)} data-dentro><span aria-hidden="true">←</span><span class="oculto">Período anterior</span></a>
          <a class="boton secundario" href={href({ dia: today })} data-dentro>Hoy</a>
          <a class="boton secundario" href={page(1)} data-dentro><span aria-hidden="true">→</span><span class="oculto">Período siguiente</span></a>
        </p>
        <nav class="vistas" aria-label="Forma del calendario"><ul>{views.map(([v, name]) => <li key={v}><a href={href({ vista: v, dia: day })} data-dentro aria-current={v === view ? 'true' : undefined}>{name}</a></li>)}</ul></nav>
        <div class="cal-red">
          <label for="cal-red" class="oculto">Red</label>
          <select id="cal-red" value={network} onChange={(e) => go(href({ red: e.currentTarget.value }))}>
            <option value="">Todas las redes</option>
            {(Object.keys(networks) as Network[]).map((n) => <option key={n} value={n}>{networks[n]}</option>)}
          </select>
        </div>
        <p class="nota">Todo en {zoneWords(home)}.</p>
      </div>
      <WrongBox />
      {held && <p class="aviso cambio cal-mover"><strong>{held.saving ? 'Moviendo…' : 'Moviendo:'}</strong> {whenWords(held.to, today)}. {!held.saving && 'Flechas: el día. Mayús + flechas: la hora. Enter la deja, Escape la devuelve.'}</p>}
      {state === 'error' && shown.value.failure ? <Failed failure={shown.value.failure} retry={read} />
        : state === 'cargando' && view === 'agenda' ? <Loading lines={6} what="Cargando el calendario" />
        : (
          <div class="cal" onKeyDown={(event) => press(event, { view, day, goDay, page: (pages) => goDay(turn(view, day, pages)), narrow, at })} {...dragging}>
            {view === 'mes' && <Month day={day} today={today} at={at} held={held} narrow={narrow} agenda={(date) => href({ vista: 'agenda', dia: date })} />}
            {view === 'semana' && <Week day={day} today={today} at={at} held={held} />}
            {view === 'agenda' && <Agenda from={from} to={to} today={today} at={at} held={held?.id} />}
            {view === 'mes' && narrow && <DayPanel date={day} posts={at.get(day) ?? []} held={held?.id} />}
          </div>
        )}
      <UndoBar />
      {dialog.value === 'mover' && asking.value && <MoveDialog held={asking.value} />}
    </Frame>
  );
}

interface Where {
  view: CalendarView;
  day: string;
  goDay: (date: string) => void;
  page: (pages: number) => void;
  narrow: boolean;
  at: Map<string, Post[]>;
}

/** The arrows and their kin: on a day, on a publication, and with one in the hand. */
function press(event: KeyboardEvent, where: Where): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (picked.peek()) {
    if (pressMoving(event)) event.preventDefault();
    return;
  }
  const chip = (event.target as HTMLElement).closest<HTMLElement>('[data-pub]');
  if (event.key === 'PageUp' || event.key === 'PageDown') where.page(event.key === 'PageUp' ? -1 : 1);
  else if (!(chip ? pressChip(event.key, chip, where) : pressDay(event.key, event.target as HTMLElement, where))) return;
  event.preventDefault();
}

function pressMoving(event: KeyboardEvent): boolean {
  const step = stepOf(event.key, event.shiftKey);
  if (step) carry(step);
  else if (event.key === 'Enter') drop();
  else if (event.key === 'Escape') giveUp();
  else if (event.key === 'Tab') giveUp();
  return event.key !== 'Tab';
}

function pressChip(key: string, chip: HTMLElement, { view, day, goDay }: Where): boolean {
  const chips = [...document.querySelectorAll<HTMLElement>(view === 'agenda' ? '.cal [data-pub]' : `.cal [data-en="${chip.dataset.en}"]`)];
  const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[key];
  if (step) {
    const next = chips[chips.indexOf(chip) + step];
    if (next) next.focus();
    else if (view !== 'agenda' && step < 0) goDay(chip.dataset.en ?? day);
    return true;
  }
  if (view === 'agenda') return false;
  if (key === 'Escape') goDay(chip.dataset.en ?? day);
  else if (key === 'ArrowLeft' || key === 'ArrowRight') goDay(addDays(chip.dataset.en ?? day, key === 'ArrowLeft' ? -1 : 1));
  else return false;
  return true;
}

function pressDay(key: string, target: HTMLElement, { view, day, goDay, at }: Where): boolean {
  if (!target.matches('[data-dia]')) return false;
  const step = stepOf(key, false);
  const first = at.get(day)?.[0];
  if (key === 'Enter' || (view === 'semana' && key === 'ArrowDown' && first)) {
    if (first) document.getElementById(chipId(first.id))?.focus();
    else if (me.peek()?.may.post) visit(`/publicaciones/nueva?dia=${day}`);
    return true;
  }
  if (key === 'Home' || key === 'End') {
    const [from, to] = rangeOf('semana', day);
    goDay(key === 'Home' ? from : to);
    return true;
  }
  if (!step) return false;
  goDay(addDays(day, step.days));
  return true;
}

/** The same with the pointer: a publication is taken to another day and keeps its hour. */
const dragging = {
  onDragStart(event: DragEvent) {
    const chip = (event.target as HTMLElement).closest<HTMLElement>('[data-pub]');
    if (!chip) return;
    event.dataTransfer?.setData('text/gestor-publicacion', chip.dataset.pub ?? '');
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
  },
  onDragOver(event: DragEvent) {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-dia]');
    if (!cell || !event.dataTransfer?.types.includes('text/gestor-publicacion')) return;
    event.preventDefault();
    for (const other of document.querySelectorAll('.cal-sobre')) if (other !== cell) other.classList.remove('cal-sobre');
    cell.classList.add('cal-sobre');
  },
  onDragEnd: () => document.querySelector('.cal-sobre')?.classList.remove('cal-sobre'),
  onDrop(event: DragEvent) {
    const date = (event.target as HTMLElement).closest<HTMLElement>('[data-dia]')?.dataset.dia;
    const p = known.peek().get(event.dataTransfer?.getData('text/gestor-publicacion') ?? '');
    document.querySelector('.cal-sobre')?.classList.remove('cal-sobre');
    if (!date || !p) return;
    event.preventDefault();
    if (date !== dateOf(localOf(p))) dropOn(p, date);
  },
};

/** Each day that has something, in order. */
function Agenda({ from, to, today, at, held }: { from: string; to: string; today: string; at: Map<string, Post[]>; held: string | undefined }) {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) if (at.has(date) || date === today) dates.push(date);
  const marked = dates.filter((date) => at.has(date));
  if (marked.length === 0) return <Empty title="No hay publicaciones en estas semanas."><p>{me.value?.may.post ? 'Con la tecla n escribes una.' : 'Mira otro período.'}</p></Empty>;
  return (
    <ol class="agenda">
      {dates.map((date) => (
        <li key={date} data-dia={date} class={date === today ? 'hoy' : undefined}>
          <h3><span aria-hidden="true">{shortDay(date, today)}</span><span class="oculto">{longDay(date)}</span>{date === today && <span class="marca-texto"> hoy</span>}</h3>
          <DayMarks date={date} />
          {at.has(date) ? <ul>{at.get(date)!.map((p) => <li key={p.id}><PostChip p={p} date={date} held={held === p.id} tab={0} /></li>)}</ul> : <p class="nota">Nada hoy.</p>}
        </li>
      ))}
    </ol>
  );
}

/** The chosen day in full, under a month that has room for numbers only. */
function DayPanel({ date, posts, held }: { date: string; posts: Post[]; held: string | undefined }) {
  return (
    <section class="cal-dia" aria-labelledby="cal-dia">
      <h3 id="cal-dia">{longDay(date)}</h3>
      <DayMarks date={date} />
      {posts.length === 0 ? <p class="nota">Sin publicaciones.</p> : <ul>{posts.map((p) => <li key={p.id}><PostChip p={p} date={date} held={held === p.id} tab={0} /></li>)}</ul>}
    </section>
  );
}

/** For a while, the last move can be taken back. */
function UndoBar() {
  const last = undoable.value;
  const left = last ? secondsTo(new Date(last.until).toISOString(), Math.max(second.value, now())) : 0;
  useEffect(() => {
    if (last && left === 0) undoable.value = undefined;
  }, [left]);
  if (!last || left === 0) return null;
  return (
    <p class="nota-breve deshacer-barra">
      <span>Movida a {whenWords(last.to, dateOf(wallOf(moment.value)))}.{last.lost && ' Espera aprobación de nuevo.'}</span>{' '}
      <button type="button" id="deshacer-mover" onClick={() => void undoMove()}>Deshacer <span aria-hidden="true">({left})</span></button>
    </p>
  );
}
