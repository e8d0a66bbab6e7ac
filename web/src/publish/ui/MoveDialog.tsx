/** What is asked before a publication is moved: which of its series, and that its approval is lost. */
import { useState } from 'preact/hooks';
import { moment } from '../../clock';
import { focusSoon } from '../../focus';
import { dialog } from '../../keys';
import { Dialog } from '../../ui/bits';
import { chipId, commit, giveUp, type Picked } from '../move';
import { days, known } from '../posts';
import { scopesOf } from '../scope';
import type { Post, Scope } from '../types';
import { dateOf, wallOf, whenWords } from '../wall';
import { Draw } from './pieces';
import { dayWords, losesApproval } from '../words';

export function MoveDialog({ held }: { held: Picked }) {
  const p = known.value.get(held.id);
  const [scope, setScope] = useState<Scope>('this');
  const [busy, setBusy] = useState(false);
  const today = dateOf(wallOf(moment.value));
  const close = () => {
    dialog.value = '';
    giveUp();
  };
  if (!p) return null;
  const blocking = (days.value.get(dateOf(held.to)) ?? []).filter((d) => d.blocks);
  const send = async () => {
    setBusy(true);
    await commit(held, p.series ? scope : undefined);
    dialog.value = '';
    focusSoon(chipId(held.id));
  };
  return (
    <Dialog title="Mover la publicación" name="mover" close={close}>
      <form onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <p>De <strong>{whenWords(held.from, today)}</strong> a <strong>{whenWords(held.to, today)}</strong>.</p>
        {losesApproval(p) && <p class="aviso-texto"><Draw name="alerta" />Ya está aprobada: al moverla se retira la aprobación y otra persona tiene que aprobarla de nuevo antes de esa hora.</p>}
        {blocking.map((d) => <p key={d.name} class="aviso-texto"><Draw name="veda" />{dayWords(d)}. Mientras dure, no saldrá.</p>)}
        {p.series && <ScopeChoice p={p} scope={scope} set={setScope} />}
        <p class="botones">
          <button type="submit" class="principal" autofocus={!p.series} disabled={busy}>{busy ? 'Moviendo…' : 'Mover'}</button>
          <button type="button" onClick={close}>Dejarla donde estaba</button>
        </p>
      </form>
    </Dialog>
  );
}

/** Which posts of a series a change is for. */
export function ScopeChoice({ p, scope, set }: { p: Post; scope: Scope; set: (scope: Scope) => void }) {
  return (
    <fieldset class="clases">
      <legend>Es parte de una serie. ¿Cuáles cambian?</legend>
      {scopesOf(p).map((c) => (
        <label key={c.scope} class="casilla">
          <input type="radio" name="alcance" value={c.scope} checked={scope === c.scope} autofocus={scope === c.scope} onChange={() => set(c.scope)} />
          <span><strong>{c.label}</strong><br /><span class="nota">{c.note}</span></span>
        </label>
      ))}
    </fieldset>
  );
}
