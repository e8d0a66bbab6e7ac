/** The month and the week as grids of days. */
import { moment } from '../../clock';
import { me } from '../../me';
import { count } from '../../dates';
import { chipId, type Picked } from '../move';
import { dayLabel, firstWords, localOf, monthWeeks, partsOf, weekOf } from '../grid';
import { Draw, Nets, StateTag } from './pieces';
import { days } from '../posts';
import type { Post } from '../types';
import { dateOf, dayNames, hourOf, shortDay, wallOf } from '../wall';
import { allowed, dayKinds, dayWords } from '../words';

export const dayId = (date: string) => `dia-${date}`;

/** What is special about a day: a drawing and words, never a colour alone. */
export function DayMarks({ date, brief }: { date: string; brief?: boolean }) {
  const found = days.value.get(date) ?? [];
  if (found.length === 0) return null;
  return (
    <ul class="dia-marcas">
      {found.map((d) => (
        <li key={d.kind + d.name} class={d.blocks ? 'bloquea' : undefined} title={dayWords(d)}>
          <Draw name={d.blocks ? 'veda' : 'dia'} />{brief ? <span class="oculto">{dayWords(d)}</span> : d.blocks ? dayWords(d) : d.kind === 'feriado' ? `${dayKinds.feriado}: ${d.name}` : dayWords(d)}
        </li>
      ))}
    </ul>
  );
}

/** A publication in the calendar. */
export function PostChip({ p, date, held, tab }: { p: Post; date: string; held: boolean; tab: 0 | -1 }) {
  const parts = partsOf(p);
  const movable = allowed(p.may?.edit);
  const alike = parts.every((part) => part.text === parts[0]!.text);
  return (
    <a
      id={chipId(p.id)} class={`pub${held ? ' en-mano' : ''} ${p.state}`} href={`/publicaciones/${encodeURIComponent(p.id)}`} data-dentro data-pub={p.id} data-en={date}
      tabIndex={tab} draggable={movable}
    >
      <span class="pub-arriba"><time dateTime={p.publishAt?.at}>{hourOf(localOf(p)) || 'sin hora'}</time><StateTag state={p.state} /></span>
      {parts.map((part) => (
        <span key={part.networks.join()} class="pub-parte">
          <Nets networks={part.networks} />{parts.length > 1 && part.state !== p.state && <StateTag state={part.state} />}
          {!alike && <span class="pub-texto" dir="auto">{firstWords(part.text)}</span>}
        </span>
      ))}
      {alike && <span class="pub-texto" dir="auto">{firstWords(parts[0]!.text)}</span>}
    </a>
  );
}

interface Grid {
  day: string;
  today: string;
  at: Map<string, Post[]>;
  held: Picked | undefined;
}

/** As many as a cell has room for. */
const roomFor = 3;

export function Month({ day, today, at, held, narrow, agenda }: Grid & { narrow: boolean; agenda: (date: string) => string }) {
  return (
    <table class="mes" role="grid" aria-label="Mes">
      <thead><tr>{dayNames.map((name) => <th key={name} scope="col"><abbr title={name}>{narrow ? name.slice(0, 1) : name.slice(0, 3)}</abbr></th>)}</tr></thead>
      <tbody>
        {monthWeeks(day).map((week) => (
          <tr key={week[0]}>
            {week.map((date) => {
              const posts = at.get(date) ?? [];
              const shown = posts.length > roomFor + 1 ? posts.filter((p, i) => i < roomFor || p.id === held?.id) : posts;
              return (
                <DayCell key={date} date={date} day={day} today={today} posts={posts.length} outside={date.slice(0, 7) !== day.slice(0, 7)}>
                  <DayMarks date={date} brief={narrow} />
                  {narrow ? posts.length > 0 && <span class="cal-cuenta">{posts.length}<span class="oculto"> {posts.length === 1 ? 'publicación' : 'publicaciones'}</span></span> : (
                    <>
                      {shown.length > 0 && <ul>{shown.map((p) => <li key={p.id}><PostChip p={p} date={date} held={held?.id === p.id} tab={-1} /></li>)}</ul>}
                      {posts.length > shown.length && <a class="cal-mas" href={agenda(date)} data-dentro tabIndex={-1}>{count(posts.length - shown.length, 'más', 'más')}<span class="oculto"> el {shortDay(date)}</span></a>}
                    </>
                  )}
                </DayCell>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Week({ day, today, at, held }: Grid) {
  return (
    <table class="mes semana" role="grid" aria-label="Semana">
      <thead><tr>{weekOf(day).map((date) => <th key={date} scope="col">{shortDay(date, today)}</th>)}</tr></thead>
      <tbody>
        <tr>
          {weekOf(day).map((date) => {
            const posts = at.get(date) ?? [];
            return (
              <DayCell key={date} date={date} day={day} today={today} posts={posts.length} outside={false}>
                <DayMarks date={date} />
                {posts.length > 0 && <ul>{posts.map((p) => <li key={p.id}><PostChip p={p} date={date} held={held?.id === p.id} tab={-1} /></li>)}</ul>}
              </DayCell>
            );
          })}
        </tr>
      </tbody>
    </table>
  );
}

function DayCell({ date, day, today, posts, outside, children }: { date: string; day: string; today: string; posts: number; outside: boolean; children: preact.ComponentChildren }) {
  const past = date < dateOf(wallOf(moment.value));
  return (
    <td
      id={dayId(date)} role="gridcell" data-dia={date} tabIndex={date === day ? 0 : -1} aria-current={date === today ? 'date' : undefined} aria-selected={date === day}
      class={`${outside ? 'fuera-mes' : ''}${past ? ' pasado' : ''}${(days.value.get(date) ?? []).some((d) => d.blocks) ? ' bloqueado' : ''}`}
    >
      <span class="cal-numero" aria-hidden="true"><span class="cal-nombre">{shortDay(date).slice(0, 3)} </span>{Number(date.slice(8))}</span>
      <span class="oculto">{dayLabel(date, posts)}</span>
      {children}
      {me.value?.may.post && date === day && !past && <a class="cal-nueva" href={`/publicaciones/nueva?dia=${date}`} data-dentro tabIndex={-1}><span aria-hidden="true">+</span><span class="oculto">Nueva publicación este día</span></a>}
    </td>
  );
}
