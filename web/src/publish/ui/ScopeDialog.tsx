/** What is asked before one of a series is changed or sent, or before a change takes an approval away. */
import { useState } from 'preact/hooks';
import { dialog } from '../../keys';
import { Dialog } from '../../ui/bits';
import { ScopeChoice } from './MoveDialog';
import { Draw } from './pieces';
import type { Post, Scope } from '../types';
import { losesApproval } from '../words';

export function ScopeDialog({ p, submit, changes, go }: { p: Post; submit: boolean; changes: boolean; go: (scope?: Scope) => void }) {
  const [scope, setScope] = useState<Scope>('this');
  const verb = submit ? 'Enviar a aprobación' : 'Guardar';
  return (
    <Dialog title={verb} name="alcance" close={() => (dialog.value = '')}>
      <form onSubmit={(event) => { event.preventDefault(); go(p.series ? scope : undefined); }}>
        {changes && losesApproval(p) && <p class="aviso-texto"><Draw name="alerta" />Ya está aprobada: si la cambias, se retira la aprobación y otra persona tiene que aprobarla de nuevo.</p>}
        {p.series && <ScopeChoice p={p} scope={scope} set={setScope} />}
        <p class="botones">
          <button type="submit" class="principal" autofocus={!p.series}>{verb}</button>
          <button type="button" onClick={() => (dialog.value = '')}>Volver</button>
        </p>
      </form>
    </Dialog>
  );
}
