/** The length of a text as its network counts it: shared/post in TypeScript, held to the same cases by a test. */
import { endings } from './endings';
import type { Unit } from './types';

export function length(unit: Unit, text: string): number {
  if (unit === 'bytes') return new TextEncoder().encode(text).length;
  if (unit === 'weighted') return weight(text);
  return [...text].length;
}

const linkWeight = 23;
const emojiWeight = 2;

/** The length X gives a text: composed; one for usual letters, two for the rest and for an emoji, 23 for a link. */
export function weight(raw: string): number {
  const text = raw.normalize('NFC');
  let total = 0;
  let from = 0;
  for (const [start, end] of links(text)) {
    total += plain(text.slice(from, start)) + linkWeight;
    from = end;
  }
  return total + plain(text.slice(from));
}

const picture = '[\\u{A9}\\u{AE}\\u{203C}\\u{2049}\\u{2122}\\u{2139}\\u{24C2}\\u{3030}\\u{303D}\\u{3297}\\u{3299}' +
  '\\u{2190}-\\u{21FF}\\u{2300}-\\u{23FF}\\u{25A0}-\\u{27BF}\\u{2900}-\\u{297F}\\u{2B00}-\\u{2BFF}\\u{1F000}-\\u{1F1E5}\\u{1F200}-\\u{1FAFF}]';
const one = `(?:\\u{1F3F4}(?!\\u{FE0E})\\u{FE0F}?[\\u{1F3FB}-\\u{1F3FF}]?[\\u{E0020}-\\u{E007F}]*|${picture}(?!\\u{FE0E})\\u{FE0F}?[\\u{1F3FB}-\\u{1F3FF}]?)`;
const emoji = new RegExp(`[0-9#*]\\u{FE0F}?\\u{20E3}|[\\u{1F1E6}-\\u{1F1FF}]{1,2}|${one}(?:\\u{200D}${one})*`, 'gu');

function plain(text: string): number {
  let total = 0;
  const rest = text.replace(emoji, () => {
    total += emojiWeight;
    return '';
  });
  for (const letter of rest) total += light(letter.codePointAt(0)!) ? 1 : 2;
  return total;
}

const light = (c: number) =>
  c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f) || (c >= 0x2032 && c <= 0x2037);

const linkPattern = new RegExp(
  '(https?://)?((?:[\\p{L}\\p{N}_-]+\\.)+([a-z]{2,}))(:[0-9]+)?' +
  "(/[\\p{Script=Latin}\\p{Script=Cyrillic}0-9!*';:=+,.$/%#\\[\\]\\-_~@|&()]*)?(\\?[a-z0-9!?*'@();:&=+$/%#\\[\\]\\-_.,~|]*)?", 'giu');

/** Where the links of a text begin and end. */
export function links(text: string): [number, number][] {
  const found: [number, number][] = [];
  if (!text.includes('.')) return found;
  for (const m of text.matchAll(linkPattern)) {
    const [all, protocol = '', host = '', ending = ''] = m;
    const before = [...text.slice(Math.max(0, m.index - 2), m.index)].at(-1) ?? '';
    const hostEnd = protocol.length + host.length;
    const after = text[m.index + hostEnd] ?? '';
    if (/[@＠$#＃A-Za-z0-9]/u.test(before) || (!protocol && /[.\-_/]/.test(before)) || /[@A-Za-z0-9]/.test(after)) continue;
    if ((!protocol && !endings.has(ending.toLowerCase())) || !validHost(host)) continue;
    found.push([m.index, m.index + linkEnd(all, hostEnd)]);
  }
  return found;
}

/** Takes off the end of a link what closes the sentence around it, down to the end of its host. */
function linkEnd(all: string, host: number): number {
  let link = all;
  while (link.length > host) {
    const last = [...link.slice(-2)].at(-1)!;
    if (/[\p{L}\p{Nd}=_#/+\-&]/u.test(last)) break;
    if (last === ')' && link.split('(').length >= link.split(')').length) break;
    link = link.slice(0, -last.length);
  }
  return link.length;
}

/** Each part of a host is short enough; a letter not of ASCII is reckoned with four (see shared/post). */
const validHost = (host: string) => host.split('.').every((part) => {
  const letters = [...part];
  const foreign = letters.filter((letter) => letter.codePointAt(0)! > 127).length;
  return letters.length + (foreign && 4 + 3 * foreign) <= 63;
});
