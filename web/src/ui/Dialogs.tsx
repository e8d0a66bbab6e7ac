/** What is asked before something that cannot be taken back, or that needs a reason. */
import { useState } from 'preact/hooks';
import { busy, classify, close, escalate, notices, takeBackWords } from '../acts';
import { chosenClass, guarded } from '../doubt';
import { dialog } from '../keys';
import type { Intent, Ticket } from '../types';
import { intentMeanings, intents } from '../words';
import { Dialog } from './bits';

const shut = () => (dialog.value = '');

/** What the service said to the last try. */
export function Refusal({ t }: { t: Ticket }) {
  const notice = notices.value[t.id];
  if (!notice) return null;
  return (
    <div class="aviso malo" role="alert">
      <p>{notice.title}</p>
      {notice.lines.length > 0 && <ul>{notice.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
    </div>
  );
}

export function EscalateDialog({ t }: { t: Ticket }) {
  const send = async () => {
    if (await escalate(t)) shut();
  };
  const option = t.may?.escalate;
  return (
    <Dialog title="Enviar a SIAC" name="siac" close={shut}>
      {option?.allowed
        ? <p>Se abrirá un caso en SIAC con lo que escribió la persona en el caso {t.number}. {takeBackWords(t)}</p>
        : <p>{option?.why}</p>}
      <Refusal t={t} />
      <p class="botones">
        {option?.allowed && <button type="button" class="principal" disabled={Boolean(busy.value[t.id])} onClick={() => void send()}>{busy.value[t.id] ? 'Enviando…' : 'Enviar a SIAC'}</button>}
        <button type="button" onClick={shut}>Volver</button>
      </p>
    </Dialog>
  );
}

export function CloseDialog({ t }: { t: Ticket }) {
  const [reason, setReason] = useState('');
  const option = t.may?.close;
  const send = async () => {
    if (await close(t, reason.trim())) shut();
  };
  return (
    <Dialog title="Cerrar el caso" name="cerrar" close={shut}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {option?.allowed
          ? <p>El caso {t.number} sale de las listas de trabajo. Si la persona escribe de nuevo, se abre otro caso.</p>
          : <p>{option?.why}</p>}
        {option?.allowed && (
          <>
            <label for="motivo-cierre">Motivo (opcional)</label>
            <textarea id="motivo-cierre" rows={2} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            <p class="nota">No escribas datos personales: el motivo queda en la bitácora.</p>
          </>
        )}
        <Refusal t={t} />
        <p class="botones">
          {option?.allowed && <button type="submit" class="principal" disabled={Boolean(busy.value[t.id])}>{busy.value[t.id] ? 'Cerrando…' : 'Cerrar caso'}</button>}
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}

const shortest = 5;

export function ClassifyDialog({ t }: { t: Ticket }) {
  const final = t.intent.final;
  const [intent, setIntent] = useState<Intent>(chosenClass.peek() || final);
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState('');
  const needs = guarded.includes(final) && intent !== final;
  const send = async () => {
    if (needs && reason.trim().length < shortest) {
      setWrong(`Escribe por qué deja de ser ${intents[final].toLowerCase()}.`);
      document.getElementById('motivo-clase')?.focus();
      return;
    }
    if (await classify(t, intent, reason.trim())) shut();
  };
  return (
    <Dialog title="Corregir la clase" name="clase" close={shut}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <fieldset class="clases">
          <legend>¿Qué pide la persona?</legend>
          {(Object.keys(intents) as Intent[]).map((one) => (
            <label key={one} class="casilla">
              <input type="radio" name="clase" value={one} checked={one === intent} autofocus={one === final} onChange={() => { setIntent(one); setWrong(''); }} />
              <span><strong>{intents[one]}</strong>{one === final && ' (ahora)'}<br /><span class="nota">{intentMeanings[one]}</span></span>
            </label>
          ))}
        </fieldset>
        <label for="motivo-clase">Motivo {needs ? '(obligatorio)' : '(opcional)'}</label>
        <textarea
          id="motivo-clase" rows={2} maxLength={500} value={reason} aria-required={needs} aria-invalid={wrong !== ''} aria-describedby="error-motivo"
          onInput={(event) => { setReason(event.currentTarget.value); setWrong(''); }}
        />
        <p id="error-motivo" class={wrong ? 'aviso-texto malo' : 'nota'}>{wrong || 'No escribas datos personales: el motivo queda en la bitácora.'}</p>
        <Refusal t={t} />
        <p class="botones">
          <button type="submit" class="principal" disabled={Boolean(busy.value[t.id]) || (intent === final && Boolean(t.intent.gestor))}>
            {busy.value[t.id] ? 'Guardando…' : intent === final ? 'Confirmar la clase' : 'Guardar'}
          </button>
          <button type="button" onClick={shut}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}
