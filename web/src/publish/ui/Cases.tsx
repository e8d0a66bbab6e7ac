/** To whom a template goes: people who wrote on WhatsApp, found by their cases. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../../api';
import { count } from '../../dates';
import { focusSoon, say } from '../../focus';
import type { Ticket } from '../../types';
import { findCases, nameCases, picked } from '../templates';
import { bad, FieldError, type FieldProps } from './WhenField';

export const mostCases = 20;
const wait = 300;

const nameOf = (id: string) => {
  const known = picked.value.get(id);
  return known ? `${known.number}${known.name && `, ${known.name}`}` : `Caso ${id.slice(-6)}`;
};

export function CasesField({ form, set, wrong }: FieldProps) {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Ticket[]>();
  const [failed, setFailed] = useState('');
  useEffect(() => void nameCases(form.cases), []);
  useEffect(() => {
    setFailed('');
    if (!words.trim()) return setFound(undefined);
    let asked = true;
    const timer = setTimeout(() => {
      findCases(words.trim()).then((all) => asked && setFound(all), (error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        if (asked) setFailed(error.status === 403 ? 'Tu rol no ve casos: pide a quien atiende que agregue a las personas.' : error.words);
      });
    }, wait);
    return () => {
      asked = false;
      clearTimeout(timer);
    };
  }, [words]);
  const offered = found?.filter((t) => !form.cases.includes(t.id)) ?? [];
  const add = (t: Ticket) => {
    set({ cases: [...form.cases, t.id] });
    say(`Agregaste ${nameOf(t.id)}.`);
    focusSoon('campo-cases');
  };
  const remove = (id: string) => {
    set({ cases: form.cases.filter((one) => one !== id) });
    say(`Quitaste ${nameOf(id)}.`);
    focusSoon('campo-cases');
  };
  const full = form.cases.length >= mostCases;
  return (
    <>
      <p>Solo a personas que lo pidieron: quien aprueba lo confirma.</p>
      <label for="campo-cases">Casos de WhatsApp (hasta {mostCases})</label>
      <input id="campo-cases" type="text" autocomplete="off" placeholder="Número del caso o nombre" value={words} readOnly={full} {...bad(wrong, 'cases')} onInput={(e) => setWords(e.currentTarget.value)} />
      <FieldError wrong={wrong} fields={['cases']} />
      <div role="status" class="nota">
        {failed || (full ? `Ya son ${mostCases}: haz otra publicación para las demás.` : found && (offered.length === 0 ? 'Ningún caso más con eso.' : count(offered.length, 'caso encontrado', 'casos encontrados')))}
      </div>
      {!full && offered.length > 0 && (
        <ul class="casos-hallados">{offered.map((t) => <li key={t.id}><button type="button" class="como-enlace" onClick={() => add(t)}><span class="oculto">Agregar </span>{nameOf(t.id)}</button></li>)}</ul>
      )}
      {form.cases.length > 0 && (
        <ul class="casos-elegidos" aria-label="Casos elegidos">
          {form.cases.map((id) => <li key={id}><span>{nameOf(id)}</span> <button type="button" class="como-enlace" onClick={() => remove(id)}>Quitar<span class="oculto"> {nameOf(id)}</span></button></li>)}
        </ul>
      )}
    </>
  );
}
