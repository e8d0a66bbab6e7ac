/** Every pair of colours that can meet on screen is legible, computed from the tokens themselves (WCAG 1.4.3, 1.4.11). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../src/css/tokens.css', import.meta.url), 'utf8');

/** name → [light, dark] */
function tokens() {
  const found = new Map();
  for (const [, name, value] of css.matchAll(/--([a-z-]+):\s*([^;]+);/g)) {
    const colours = value.match(/#[0-9a-f]{6}/gi);
    if (colours) found.set(name, [colours[0], colours[1] ?? colours[0]]);
  }
  return found;
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function pairs() {
  const all = tokens();
  const of = (prefix) => [...all.keys()].filter((name) => name === prefix || name.startsWith(`${prefix}-`));
  const made = [];
  for (const bg of of('bg')) {
    for (const fg of of('fg')) made.push([fg, bg, 4.5]);
    for (const edge of [...of('edge'), ...of('focus')]) made.push([edge, bg, 3]);
  }
  for (const on of of('on')) {
    const fill = [...of('fill')].filter((name) => on.slice(3).startsWith(name.slice(5))).sort((a, b) => b.length - a.length)[0];
    assert.ok(fill, `--${on} stands on no --fill`);
    made.push([on, fill, 4.5]);
  }
  return { all, made };
}

test('the measure gives the known values', () => {
  assert.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00');
  assert.equal(contrast('#006fb3', '#ffffff').toFixed(2), '5.35');
  assert.equal(contrast('#e0701e', '#ffffff').toFixed(2), '3.23');
});

for (const [scheme, at] of [['light', 0], ['dark', 1]]) {
  test(`every pair of tokens is legible, ${scheme}`, () => {
    const { all, made } = pairs();
    assert.ok(made.length > 50, `only ${made.length} pairs were tried`);
    const low = made
      .map(([a, b, least]) => ({ pair: `--${a} on --${b}`, is: contrast(all.get(a)[at], all.get(b)[at]), least }))
      .filter(({ is, least }) => is < least)
      .map(({ pair, is, least }) => `${pair}: ${is.toFixed(2)} < ${least}`);
    assert.deepEqual(low, []);
  });
}

test('no colour is written outside of the tokens', () => {
  for (const name of ['base', 'frame', 'list', 'case', 'channels', 'publish']) {
    const text = readFileSync(new URL(`../src/css/${name}.css`, import.meta.url), 'utf8');
    const strange = text.match(/#[0-9a-f]{3,8}\b|rgb\([^)]*\)/gi) ?? [];
    assert.deepEqual(strange, [], `${name}.css`);
  }
});
