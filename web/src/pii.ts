/** Personal data that a public reply must not show. The service has the last word; this warns before the text leaves. */

const email = /[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/gu;
const rut = /(?<![\d.])(\d{1,2}(?:\.?\d{3}){2})\s?[-‐‑‒–]\s?([\dkK])(?![\d\p{L}-])/gu;
const phone = /(?<![\d.$])(?:(?:\+|00)?56[\s.-]?\(?\d{1,2}\)?(?:[\s.-]?\d){7,8}|\(?9\)?[\s.-]?\d{4}[\s.-]?\d{4}|\(?2\)?[\s.-]?[23]\d{3}[\s.-]?\d{4})(?!\d|[.,]\d)/gu;

/** The names of what the text shows, in words; empty when nothing is found. */
export function personal(text: string): string[] {
  const found: string[] = [];
  if ([...text.matchAll(rut)].some((m) => looksLikeRut(m[1] ?? '', m[2] ?? ''))) found.push('un RUT');
  if (phone.test(text)) found.push('un teléfono');
  if ([...text.matchAll(email)].some((m) => !/(?:^|[.@])(?:sence\.cl|gob\.cl)$/i.test(m[0]))) found.push('un correo');
  phone.lastIndex = 0;
  return found;
}

/** A number with its right check digit, or written with points as only a RUT is. */
function looksLikeRut(body: string, digit: string): boolean {
  return body.includes('.') || checkDigit(body.replaceAll('.', '')) === digit.toUpperCase();
}

function checkDigit(body: string): string {
  let sum = 0;
  let weight = 2;
  for (const d of [...body].reverse()) {
    sum += Number(d) * weight;
    weight = weight === 7 ? 2 : weight + 1;
  }
  const rest = 11 - (sum % 11);
  return rest === 11 ? '0' : rest === 10 ? 'K' : String(rest);
}
