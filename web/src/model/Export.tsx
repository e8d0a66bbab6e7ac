/** Takes out what the model learns from, and what it is measured by. */
import { useState } from 'preact/hooks';
import { Failure } from '../api';
import { say } from '../focus';
import { save } from './file';

export function Export() {
  const [wrong, setWrong] = useState('');
  const take = async (set: string) => {
    setWrong('');
    try {
      await save(`/api/v1/reports/correcciones?format=tsv&set=${set}`, `${set}.tsv`);
      say('Listo: revisa tus descargas.');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setWrong(error.words);
    }
  };
  return (
    <section aria-labelledby="para-entrenar">
      <h2 id="para-entrenar">Para entrenar de nuevo</h2>
      <p>Lo que las personas dijeron en las últimas cuatro semanas, con los datos personales tapados. Cada descarga queda en la bitácora.</p>
      <p class="botones">
        <button type="button" onClick={() => void take('entrenamiento')}>Descargar lo que enseña</button>
        <button type="button" onClick={() => void take('ciega')}>Descargar lo que mide</button>
      </p>
      <p class="nota">Lo que mide es la auditoría ciega: no se entrena con ella.</p>
      {wrong && <p class="aviso malo" role="alert">{wrong}</p>}
    </section>
  );
}
