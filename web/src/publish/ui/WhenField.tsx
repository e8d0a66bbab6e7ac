/** When a publication goes out: a day and an hour on the wall of the institution, free places, and how often again. */
import { useEffect, useState } from 'preact/hooks';
import { moment } from '../../clock';
import { count } from '../../dates';
import type { Network } from '../../types';
import { Mark } from '../../ui/icons';
import { DayMarks } from './Month';
import { localTime, type Form, type WrongField } from '../form';
import { days, readDays, slots } from '../posts';
import { everyWords, momentsOf, recurrenceGap, recurrenceWords, weekCodes, weekWords } from '../scope';
import type { Recurrence, Slot } from '../types';
import { dateOf, doubtOf, hourOf, instantsOf, longDay, shortDay, untilWords, wallOf, whenWords, zoneWords } from '../wall';

export interface FieldProps {
  form: Form;
  set: (change: Partial<Form>) => void;
  wrong: WrongField | undefined;
}

/** What a wrong field says of itself. */
export const bad = (wrong: WrongField | undefined, ...fields: string[]) => {
  const on = wrong !== undefined && fields.includes(wrong.field);
  return { 'aria-invalid': on, 'aria-describedby': on ? `error-${wrong.field}` : undefined };
};

export function FieldError({ wrong, fields }: { wrong: WrongField | undefined; fields: string[] }) {
  if (!wrong || !fields.includes(wrong.field)) return null;
  return <p id={`error-${wrong.field}`} class="aviso-texto malo"><Mark name="alerta" />{wrong.words}</p>;
}

export function WhenField({ form, set, wrong, begun, network }: FieldProps & { begun: boolean; network: Network | undefined }) {
  const local = localTime(form);
  const doubt = doubtOf(local, form.zone);
  const today = dateOf(wallOf(moment.value, form.zone));
  const at = instantsOf(local, form.zone);
  const instant = at[form.later ? at.length - 1 : 0];
  const mine = instant ? wallOf(instant, Intl.DateTimeFormat().resolvedOptions().timeZone) : '';
  useEffect(() => {
    if (form.date && !days.peek().has(form.date)) readDays(form.date, form.date).catch(() => undefined);
  }, [form.date]);
  return (
    <fieldset class="pub-campos">
      <legend>Cuándo sale</legend>
      <label class="casilla"><input type="radio" name="cuando" checked={!form.soon} onChange={() => set({ soon: false })} /> <span>A una hora</span></label>
      <label class="casilla"><input type="radio" name="cuando" checked={form.soon} onChange={() => set({ soon: true, recurrence: undefined })} /> <span>Apenas la aprueben</span></label>
      {!form.soon && (
        <>
          <div class="pub-fecha">
            <div><label for="campo-publishAt">Día</label><input id="campo-publishAt" type="date" min={today} value={form.date} {...bad(wrong, 'publishAt')} onInput={(e) => set({ date: e.currentTarget.value })} /></div>
            <div><label for="campo-time">Hora</label><input id="campo-time" type="time" value={form.time} {...bad(wrong, 'time')} onInput={(e) => set({ time: e.currentTarget.value })} /></div>
            <p class="nota">{zoneWords(form.zone).replace(/^h/, 'H')}{instant !== undefined && <>: {untilWords(instant, moment.value)}</>}{mine && mine !== local && <>. En tu computador serán las {hourOf(mine)}{dateOf(mine) !== form.date && ` del ${shortDay(dateOf(mine))}`}</>}</p>
          </div>
          <FieldError wrong={wrong} fields={['publishAt', 'time']} />
          {form.date && <DayMarks date={form.date} />}
          {doubt === 'missing' && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />La noche del {shortDay(form.date)} el reloj se adelanta y las {form.time} no existen. Elige una hora después.</p>}
          {doubt === 'twice' && (
            <fieldset class="aviso cambio">
              <legend>Esa noche el reloj se atrasa y las {form.time} pasan dos veces. ¿Cuál?</legend>
              <label class="casilla"><input type="radio" name="vez" checked={!form.later} onChange={() => set({ later: false })} /> <span>La primera (todavía con el horario de antes)</span></label>
              <label class="casilla"><input type="radio" name="vez" checked={form.later} onChange={() => set({ later: true })} /> <span>La segunda, una hora después</span></label>
            </fieldset>
          )}
          <Slots network={network} pick={(s) => set({ date: dateOf(s.local), time: hourOf(s.local), later: false })} />
          {begun ? form.recurrence && <p class="nota">Es parte de una serie: {recurrenceWords(form.recurrence)}.</p> : <Again form={form} set={set} wrong={wrong} local={local} />}
        </>
      )}
    </fieldset>
  );
}

/** The next free places, one press away. */
function Slots({ network, pick }: { network: Network | undefined; pick: (s: Slot) => void }) {
  const [found, setFound] = useState<Slot[]>([]);
  useEffect(() => {
    let here = true;
    slots(network).then((s) => here && setFound(s), () => undefined);
    return () => { here = false; };
  }, [network]);
  if (found.length === 0) return null;
  const today = dateOf(wallOf(moment.value));
  return (
    <div role="group" aria-label="Próximos espacios libres">
      <p class="nota">Próximos espacios libres:</p>
      <p class="botones">{found.slice(0, 4).map((s) => <button type="button" key={s.at} onClick={() => pick(s)}>{whenWords(s.local.slice(0, 16), today)}</button>)}</p>
    </div>
  );
}

function Again({ form, set, wrong, local }: FieldProps & { local: string }) {
  const r = form.recurrence;
  const change = (fields: Partial<Recurrence>) => r && set({ recurrence: { ...r, ...fields } });
  const end = r?.count !== undefined ? 'count' : 'until';
  const shown = r && local ? momentsOf(r, local, 6) : undefined;
  const gap = r && local ? recurrenceGap(r, local) : '';
  const free = (fields: Partial<Recurrence>) => {
    if (!r) return;
    const { until: _u, count: _c, ...rest } = r;
    set({ recurrence: { ...rest, ...fields } });
  };
  return (
    <div class="pub-serie">
      <div>
        <label for="campo-recurrence">Se repite</label>
        <select id="campo-recurrence" value={r?.every ?? ''} {...bad(wrong, 'recurrence')} onChange={(e) => set({ recurrence: e.currentTarget.value ? { every: e.currentTarget.value as Recurrence['every'], count: 4 } : undefined })}>
          <option value="">No se repite</option>
          {(Object.keys(everyWords) as Recurrence['every'][]).map((every) => <option key={every} value={every}>{everyWords[every]}</option>)}
        </select>
      </div>
      <FieldError wrong={wrong} fields={['recurrence']} />
      {r && (
        <>
          <div><label for="campo-interval">{{ daily: 'Cada cuántos días', weekly: 'Cada cuántas semanas', monthly: 'Cada cuántos meses' }[r.every]}</label><input id="campo-interval" type="number" min={1} max={60} value={r.interval ?? 1} onInput={(e) => change({ interval: Math.max(1, Number(e.currentTarget.value) || 1) })} /></div>
          {r.every === 'weekly' && (
            <fieldset class="pub-dias">
              <legend>Qué días</legend>
              {weekCodes.map((code) => (
                <label key={code} class="casilla"><input type="checkbox" checked={r.days?.includes(code) ?? false} onChange={(e) => change({ days: weekCodes.filter((d) => (d === code ? e.currentTarget.checked : r.days?.includes(d))) })} /> <span>{weekWords[code]}</span></label>
              ))}
            </fieldset>
          )}
          <fieldset>
            <legend>Hasta cuándo</legend>
            <label class="casilla"><input type="radio" name="hasta" checked={end === 'count'} onChange={() => free({ count: 4 })} /> <span>Un número de veces</span></label>
            <label class="casilla"><input type="radio" name="hasta" checked={end === 'until'} onChange={() => free({ until: form.date })} /> <span>Hasta un día</span></label>
            {end === 'count'
              ? <div><label for="campo-count">Cuántas veces</label><input id="campo-count" type="number" min={1} max={60} value={r.count} onInput={(e) => free({ count: Math.max(1, Number(e.currentTarget.value) || 1) })} /></div>
              : <div><label for="campo-until">Último día</label><input id="campo-until" type="date" min={form.date} value={r.until ?? ''} onInput={(e) => free({ until: e.currentTarget.value })} /></div>}
          </fieldset>
          {gap && <p class="aviso-texto malo" role="alert"><Mark name="alerta" />{gap}</p>}
          {shown && !gap && shown.moments.length > 0 && (
            <div class="pub-fechas" role="status">
              <p><strong>{recurrenceWords(r)}:</strong></p>
              <ul>{shown.moments.map((m) => <li key={m}><span title={longDay(dateOf(m))}>{whenWords(m, form.date)}</span></li>)}</ul>
              {shown.more && <p class="nota">{r.count ? `y ${count(r.count - shown.moments.length, 'más', 'más')}` : 'y más'}</p>}
            </div>
          )}
        </>
      )}
    </div>
  );
}
