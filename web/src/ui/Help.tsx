/** The keyboard on one sheet, with its switch. */
import { dialog, screenSheet, setShortcuts, sheet, shortcuts } from '../keys';
import { me } from '../me';
import { roleWords } from '../words';
import { Dialog } from './bits';

export function Help() {
  const close = () => (dialog.value = '');
  return (
    <Dialog title="Ayuda" name="ayuda" close={close}>
      {me.value && <p>Ingresaste como <bdi>{me.value.name || me.value.id}</bdi>. Rol: {roleWords(me.value.roles)}.</p>}
      <h3>Atajos de teclado</h3>
      <p>Sirven cuando no estás escribiendo en un campo.</p>
      <label class="casilla">
        <input type="checkbox" checked={shortcuts.value} onChange={(event) => setShortcuts(event.currentTarget.checked)} />
        Usar atajos de una letra
      </label>
      <table class="atajos">
        <thead><tr><th scope="col">Tecla</th><th scope="col">Qué hace</th></tr></thead>
        <tbody>{[...screenSheet.value, ...sheet].map(([keys, what]) => <tr key={keys + what}><th scope="row"><kbd>{keys}</kbd></th><td>{what}</td></tr>)}</tbody>
      </table>
      <h3>Palabras</h3>
      <dl class="datos">
        <dt>d. h.</dt><dd>Días hábiles: no cuentan sábados, domingos ni feriados.</dd>
        <dt>Folio</dt><dd>El número que SIAC le da al caso.</dd>
        <dt>RS-…</dt><dd>El número que este sistema le da al caso.</dd>
      </dl>
      <p class="botones"><button type="button" class="principal" onClick={close}>Cerrar</button></p>
    </Dialog>
  );
}
