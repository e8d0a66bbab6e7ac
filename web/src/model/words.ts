/** The figures of the classifier in words, and what to do about each. */
import { number } from '../dates';
import type { FigureCode, FigureLevel, Figures, Mean, Share } from './types';

/** "0,12", the Chilean way; "sin datos" where there is nothing to say. */
export const decimal = (x: number | undefined, digits = 2) => (x === undefined ? 'sin datos' : x.toFixed(digits).replace('.', ','));

export const percent = (x: number | undefined) => (x === undefined ? 'sin datos' : `${Math.round(x * 100)} %`);

/** "12 de 40 (30 %, entre 18 % y 45 %)". */
export function shareWords(s: Share): string {
  if (s.rate === undefined) return 'sin datos';
  return `${number(s.count)} de ${number(s.of)} (${percent(s.rate)}, entre ${percent(s.low)} y ${percent(s.high)})`;
}

const meanWords = (m: Mean, show: (x: number | undefined) => string) => (m.before === undefined ? show(m.now) : `${show(m.now)} (antes ${show(m.before)})`);

export const levelWords: Record<FigureLevel, string> = { bien: 'Bien', mirar: 'Mirar', actuar: 'Actuar', pocos: 'Faltan datos' };

interface Figure {
  name: string;
  /** What it measures. */
  what: string;
  value: (f: Figures) => string;
  /** What to do, by its level. */
  next: Record<FigureLevel, string>;
}

const fine = 'No hay que hacer nada.';
const fewMentions = 'Con menos de 100 mensajes en cada período no dice nada. Elige un período más largo.';

export const figures: Record<FigureCode, Figure> = {
  psi: {
    name: 'Cambio en las clases (PSI)', what: 'Cuánto cambió la mezcla de clases que ve el modelo. Más de 0,10 se mira; más de 0,25 exige actuar.',
    value: (f) => decimal(f.psi),
    next: {
      bien: fine, pocos: fewMentions,
      mirar: 'Mira abajo qué clase creció y lee mensajes de esos días. Puede ser una campaña o un pago atrasado, y no una falla.',
      actuar: 'Lee veinte mensajes de la clase que creció. Si el modelo se equivoca, corrige los casos, revisa la bandeja cada día y pide entrenar de nuevo.',
    },
  },
  desconocido: {
    name: 'Palabras que no conoce', what: 'Qué parte de cada texto el modelo nunca ha visto.',
    value: (f) => meanWords(f.unknown, percent),
    next: {
      bien: fine, pocos: fewMentions,
      mirar: 'Busca palabras nuevas: un programa, una sigla, una modalidad. Corrige los casos que las traen.',
      actuar: 'Hay un tema que el modelo no conoce. Avisa a TI qué palabras son y pide entrenar con esos mensajes.',
    },
  },
  entropia: {
    name: 'Duda', what: 'Cuán indeciso está el modelo, de 0 a 2,6 bits.',
    value: (f) => meanWords(f.entropy, (x) => decimal(x)),
    next: {
      bien: fine, pocos: fewMentions,
      mirar: 'Revisa las dudosas de cada día: de ellas es de las que más aprende.',
      actuar: 'Revisa todas las dudosas durante una semana y pide entrenar de nuevo.',
    },
  },
  correcciones: {
    name: 'Correcciones', what: 'De los casos cuya clase confirmó o corrigió una persona, cuántos corrigió.',
    value: (f) => shareWords(f.corrected),
    next: {
      bien: fine, pocos: 'Con menos de 50 decisiones no dice nada. Confirma también las clases que están bien.',
      mirar: 'Al menos una de cada cinco se corrige. Mira en qué red pasa.',
      actuar: 'Al menos una de cada tres se corrige: no te fíes de la clase propuesta y pide entrenar de nuevo.',
    },
  },
  ciega: {
    name: 'Auditoría ciega', what: 'Cuánto acierta el modelo con mensajes que una persona clasificó sin ver qué dijo él. Es la medida más honesta.',
    value: (f) => `acierta ${shareWords(f.blind.accuracy)}${f.blind.macroF1 === undefined ? '' : `; F1 medio ${decimal(f.blind.macroF1)}`}`,
    next: {
      bien: fine, pocos: 'Faltan etiquetas: con 50 empieza a decir algo. Revisa las que esperan.',
      mirar: 'El F1 medio bajó de 0,72, lo aceptado. Mira abajo qué confunde.',
      actuar: 'El F1 medio bajó de 0,60. Pide volver al modelo anterior o entrenar de nuevo.',
    },
  },
  sombra: {
    name: 'Acuerdo con el modelo en prueba', what: 'En cuántos mensajes el modelo en prueba dice la misma clase.',
    value: (f) => shareWords(f.shadow),
    next: {
      bien: fine, pocos: 'El modelo en prueba ha leído menos de 100 mensajes.',
      mirar: 'Difieren bastante. Compara los dos con la auditoría ciega antes de cambiar.',
      actuar: 'Difieren mucho: no cambies de modelo sin leer en qué difieren.',
    },
  },
};
