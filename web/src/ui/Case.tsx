/** One case: what was said, what can be done, and why. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { busy, claim, dismiss, giveBack, moved, notices, release, settleUnsure, type Notice } from '../acts';
import { Failure } from '../api';
import { changed, gone, readStory, story } from '../cases';
import { draft, gaveBack } from '../drafts';
import { caseTitleId, focusSoon, say } from '../focus';
import { carryOut, dialog, intended } from '../keys';
import { me } from '../me';
import type { Action, Me, State, Ticket } from '../types';
import { address, place } from '../url';
import { alarming, flagWords, reasonWords, states, urgencies } from '../words';
import { Due, Empty, Failed, IntentChip, Loading, Name, useKeepFocus } from './bits';
import { CloseDialog, ClassifyDialog, EscalateDialog } from './Dialogs';
import { Composer } from './Composer';
import { HideDialog, RecordDialog, RemoveDialog } from './Deeds';
import { Mark, NetworkName } from './icons';
import { Panel } from './Panel';
import { Thread } from './Thread';

export function CasePane({ id }: { id: string }) {
  void changed.value;
  const t = story(id);
  const [failure, setFailure] = useState<Failure>();
  const last = useRef<Ticket | undefined>(undefined);
  const who = me.value!;
  useKeepFocus(caseTitleId, caseTitleId);
  const read = () => {
    setFailure(undefined);
    readStory(id).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
    });
  };
  useEffect(() => {
    read();
    focusSoon(caseTitleId);
    return () => (dialog.value = '');
  }, []);
  useEffect(() => {
    document.title = t ? `${t.number} · Gestor de redes` : 'Caso · Gestor de redes';
    if (!t) return;
    settleUnsure(t);
    returnFailed(t);
    if (last.current) moved(last.current, t, who);
    last.current = t;
    const key = intended.peek();
    intended.value = '';
    if (key) carryOut(key, t);
  }, [t?.version, Boolean(t)]);
  const back = <p class="volver"><a href={address('', place.value.filters)} data-dentro>← Volver a la lista</a></p>;
  if (t && !gone.value.has(id)) return <section class="caso" aria-labelledby={caseTitleId}>{back}<Whole t={t} who={who} /></section>;
  return (
    <section class="caso" aria-label="Caso">
      {back}
      {failure?.status === 404 || gone.value.has(id) ? (
        <>
          <h1 id={caseTitleId} tabIndex={-1}>No puedes ver este caso</h1>
          <Empty title="El caso no existe, o pasó a una cola reservada." />
        </>
      ) : failure ? <><h1 id={caseTitleId} tabIndex={-1}>Caso</h1><Failed failure={failure} retry={read} /></>
        : <><h1 id={caseTitleId} tabIndex={-1} class="oculto">Caso</h1><Loading lines={8} what="Cargando el caso" /></>}
    </section>
  );
}

/** Texts of this person that the network did not take come back to the composer, once. */
function returnFailed(t: Ticket): void {
  for (const r of t.replies) {
    if ((r.state !== 'refused' && r.state !== 'expired') || r.author !== me.peek()?.id || r.template || draft(t.id).peek() || gaveBack(r.id)) continue;
    giveBack(t.id, r, false);
    say(`La respuesta no salió: ${reasonWords(r.reason)}. El texto volvió al redactor.`);
  }
}

function Whole({ t, who }: { t: Ticket; who: Me }) {
  const notice = notices.value[t.id];
  // What a dialog or the composer was doing is told there.
  const elsewhere = notice?.action === 'reply' || dialog.value !== '';
  return (
    <>
      <header class="caso-cabeza">
        <p class="caso-senas"><NetworkName network={t.network} /><IntentChip intent={t.intent.final} /><span class="estado">{states[t.state]}</span><Due t={t} /></p>
        <h1 id={caseTitleId} tabIndex={-1}>Caso <span class="numero">{t.number}</span></h1>
        <p class="caso-quien">
          <Name t={t} />{t.citizen.name && t.citizen.handle && <span class="alias"><bdi>{t.citizen.handle}</bdi></span>}
          <span>{urgencies[t.urgency]}</span><Holder t={t} mine={t.assignee === who.id} />
        </p>
        <Buttons t={t} />
      </header>
      {notice && !elsewhere && <NoticeBox id={t.id} n={notice} />}
      <Alarms t={t} />
      <div class="caso-cuerpo">
        <div class="conversacion">
          <Thread t={t} />
          <Composer t={t} />
        </div>
        <Panel t={t} />
      </div>
      {dialog.value === 'siac' && <EscalateDialog t={t} />}
      {dialog.value === 'clase' && <ClassifyDialog t={t} />}
      {dialog.value === 'cerrar' && <CloseDialog t={t} />}
      {dialog.value === 'ocultar' && <HideDialog t={t} />}
      {dialog.value === 'borrar' && <RemoveDialog t={t} />}
      {dialog.value === 'registrar' && <RecordDialog t={t} />}
    </>
  );
}

function Holder({ t, mine }: { t: Ticket; mine: boolean }) {
  if (!t.assignee) return <span>No lo tiene nadie</span>;
  return mine ? <span class="mio">Lo tienes tú</span> : <span>Lo tiene <bdi>{t.assigneeName || t.assignee}</bdi></span>;
}

function Alarms({ t }: { t: Ticket }) {
  const shown = t.flags.filter((flag) => alarming.includes(flag));
  if (shown.length === 0) return null;
  return <ul class="alarmas" aria-label="Avisos del caso">{shown.map((flag) => <li key={flag}><Mark name="alerta" />{flagWords(flag)}</li>)}</ul>;
}

const endings: readonly State[] = ['cerrado', 'desistido', 'no_competencia', 'duplicado', 'spam', 'anulado'];

/** What may be done, and a sentence for each thing that may not. */
function Buttons({ t }: { t: Ticket }) {
  const doing = busy.value[t.id];
  const held = t.may?.release?.allowed;
  const ended = endings.includes(t.state);
  const taking = !held && !ended && t.assignee !== me.value?.id;
  const shown: Action[] = [...(taking ? ['claim' as const] : []), ...(ended ? [] : ['close' as const])];
  const refusals = shown.filter((a) => !t.may?.[a]?.allowed && t.may?.[a]?.why);
  if (ended) return null;
  return (
    <div class="acciones">
      {held && (
        <button type="button" disabled={Boolean(doing)} onClick={() => void release(t)}>{doing === 'release' ? 'Devolviendo…' : 'Devolver a la cola'}</button>
      )}
      {taking && (
        <button type="button" class="principal" aria-describedby={refusals.includes('claim') ? 'no-tomar' : undefined} disabled={Boolean(doing) || !t.may?.claim?.allowed} onClick={() => void claim(t)}>
          {doing === 'claim' ? 'Tomando…' : 'Tomar el caso'}
        </button>
      )}
      <button type="button" aria-describedby={refusals.includes('close') ? 'no-cerrar' : undefined} disabled={Boolean(doing) || !t.may?.close?.allowed} onClick={() => (dialog.value = 'cerrar')}>Cerrar caso</button>
      {refusals.map((action) => (
        <p key={action} class="por-que" id={action === 'close' ? 'no-cerrar' : 'no-tomar'}>
          <strong>{action === 'close' ? 'No puedes cerrarlo:' : 'No puedes tomarlo:'}</strong> {t.may?.[action]?.why}
        </p>
      ))}
    </div>
  );
}

export function NoticeBox({ id, n }: { id: string; n: Notice }) {
  return (
    <div class={`aviso ${n.kind === 'cambio' ? 'cambio' : 'malo'}`} role="alert">
      <p><strong>{n.title}</strong></p>
      {n.lines.length > 0 && <ul>{n.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
      <button type="button" onClick={() => { dismiss(id); focusSoon(caseTitleId); }}>Entendido</button>
    </div>
  );
}
