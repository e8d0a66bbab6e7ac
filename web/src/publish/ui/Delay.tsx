/** When an answer leaves, if not now: chosen beside the text, at the hour of the institution. */
import { useEffect, useState } from 'preact/hooks';
import type { SendAt } from '../../acts';
import { moment, now } from '../../clock';
import { leaveWords } from '../../dates';
import type { Network } from '../../types';
import { Mark } from '../../ui/icons';
import { networks } from '../../words';
import { choices } from '../delay';
import { days, readDays } from '../posts';
import { addDays, dateOf, doubtOf, home, hourOf, instantsOf, wallOf, zoneWords } from '../wall';

export function Delay({ until, network, set, close }: { until: string | undefined; network: Network; set: (at: SendAt | '') => void; close: () => void }) {
  const [date, setDate] = useState('');
  const [time, setTime] = useState('');
  const at = moment.value;
  const today = dateOf(wallOf(at));
  useEffect(() => {
    document.getElementById('despues-0')?.focus();
    // Who may not see the calendar gets the week without its holidays; the hour is theirs to judge.
    readDays(today, addDays(today, 14)).catch(() => undefined);
  }, []);
  const local = date && time ? `${date}T${time}` : '';
  const instants = local ? instantsOf(local) : [];
  const instant = instants.at(-1);
  const wrong = !local ? '' : doubtOf(local) === 'missing' ? 'Esa noche el reloj se adelanta y esa hora no existe. Elige otra.' : instant !== undefined && instant <= now() ? 'Esa hora ya pasó. Elige otra.' : '';
  const words = instants[0] !== undefined ? leaveWords(new Date(instants[0]).toISOString(), at) : '';
  useEffect(() => set(local && !wrong ? { local, zone: home, words } : ''), [local, wrong, words]);
  const closes = until && instants[0] !== undefined && instants[0] > Date.parse(until);
  const holidays = new Set([...days.value].filter(([, all]) => all.some((d) => d.kind === 'feriado')).map(([day]) => day));
  return (
    <fieldset class="despues">
      <legend>Cuándo sale</legend>
      <p class="botones">
        {choices(at, holidays).map((c, i) => <button key={c.label} id={`despues-${i}`} type="button" aria-pressed={local === c.local} onClick={() => { setDate(dateOf(c.local)); setTime(hourOf(c.local)); }}>{c.label}</button>)}
      </p>
      <div class="pub-fecha">
        <div><label for="despues-dia">Día</label><input id="despues-dia" type="date" min={today} value={date} aria-invalid={wrong !== ''} aria-describedby="despues-nota" onInput={(e) => setDate(e.currentTarget.value)} /></div>
        <div><label for="despues-hora">Hora</label><input id="despues-hora" type="time" value={time} aria-invalid={wrong !== ''} aria-describedby="despues-nota" onInput={(e) => setTime(e.currentTarget.value)} /></div>
        <p class="nota">{zoneWords(home).replace(/^h/, 'H')}</p>
      </div>
      <div id="despues-nota" role="status">
        {wrong ? <p class="aviso-texto malo"><Mark name="alerta" />{wrong}</p> : words && <p>Sale <strong>{words}</strong>. Antes de salir se revisa de nuevo: si la persona escribe algo más, te avisamos.</p>}
        {closes && !wrong && <p class="aviso-texto"><Mark name="alerta" />{networks[network]} deja responder así solo hasta {leaveWords(until, at)}: a esa hora ya no saldría. Elige una antes.</p>}
      </div>
      <button type="button" class="como-enlace" onClick={close}>Mejor ahora</button>
    </fieldset>
  );
}
