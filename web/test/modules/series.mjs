import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureWords, failuresOf, settlesOf } from '../../src/publish/failures';
import { compose, place, segments, shortLink } from '../../src/publish/looks';
import { listWords, momentsOf, recurrenceGap, recurrenceWords, scopesOf } from '../../src/publish/scope';
import { allowed, dayWords, fileWords, losesApproval, whyNot } from '../../src/publish/words';

test('a series asks which of its posts are meant; one by itself asks nothing', () => {
  assert.deepEqual(scopesOf({ id: 'p' }), []);
  assert.deepEqual(scopesOf({ id: 'p', series: 's', place: 2 }).map((c) => c.scope), ['this', 'next', 'all']);
});

test('the dates of a recurrence', () => {
  const dates = (r, local, most) => momentsOf(r, local, most).moments.map((m) => m.slice(0, 10)).join(' ');
  assert.equal(dates({ every: 'daily', count: 3 }, '2026-12-30T09:00'), '2026-12-30 2026-12-31 2027-01-01');
  assert.equal(dates({ every: 'weekly', until: '2026-12-15' }, '2026-12-01T09:00'), '2026-12-01 2026-12-08 2026-12-15');
  assert.equal(dates({ every: 'weekly', interval: 2, days: ['mon', 'thu'], count: 4 }, '2026-12-03T09:00'), '2026-12-03 2026-12-14 2026-12-17 2026-12-28');
  assert.match(recurrenceGap({ every: 'weekly', days: ['mon'], count: 4 }, '2026-12-03T09:00'), /primera fecha/);
  assert.match(recurrenceGap({ every: 'daily', until: '2027-12-03' }, '2026-12-03T09:00'), /más de 60/);
  assert.equal(recurrenceGap({ every: 'daily', count: 60 }, '2026-12-03T09:00'), '');
  assert.equal(dates({ every: 'monthly', count: 3 }, '2026-01-31T09:00'), '2026-01-31 2026-02-28 2026-03-31');
  const long = momentsOf({ every: 'daily', count: 40 }, '2026-12-01T09:30', 5);
  assert.deepEqual([long.moments.length, long.more, long.endless], [5, true, false]);
  assert.equal(momentsOf({ every: 'daily' }, '2026-12-01T09:30').endless, true);
  assert.equal(long.moments[4], '2026-12-05T09:30');
  assert.equal(recurrenceWords({ every: 'weekly', interval: 2, days: ['thu', 'mon'], until: '2026-12-31' }), 'Cada 2 semanas, lunes y jueves, hasta el 31-12-2026');
  assert.equal(recurrenceWords({ every: 'daily', count: 1 }), 'Cada día, 1 vez');
  assert.equal(listWords(['a', 'b', 'c']), 'a, b y c');
});

test('each failure says what happened and what to do, and is decided by itself', () => {
  const p = {
    id: 'p', networks: ['facebook', 'x', 'linkedin', 'instagram'],
    targets: { facebook: { state: 'sent' }, x: { state: 'unknown', reason: 'unknown_outcome' }, linkedin: { state: 'refused', reason: 'auth' }, instagram: { state: 'expired' } },
  };
  const all = failuresOf([p]);
  assert.deepEqual(all.map((f) => f.network), ['x', 'linkedin', 'instagram']);
  assert.deepEqual(all.map((f) => settlesOf(f).join()), ['published,retry,discard', 'retry,discard,published', 'retry,discard,published']);
  assert.deepEqual(settlesOf({ ...all[0], post: { ...p, may: { retry: { allowed: false, why: 'no' } } } }), ['published', 'discard']);
  for (const f of all) {
    const { what, next } = failureWords(f);
    assert.match(what, /[A-Z].{8,}/);
    assert.match(next, /\.$/);
  }
  assert.match(failureWords(all[1]).next, /Canales/);
  // Of people whom a template goes to, each is decided by itself.
  const people = failuresOf([{ id: 'q', networks: ['whatsapp'], targets: { 'whatsapp-10': { state: 'expired' }, 'whatsapp-2': { state: 'refused' }, 'whatsapp-1': { state: 'sent' } } }]);
  assert.deepEqual(people.map((f) => [f.network, f.name]), [['whatsapp', 'whatsapp-2'], ['whatsapp', 'whatsapp-10']]);
});

test('links, hashtags and names are seen, an address of mail is none of them', () => {
  const kinds = (text) => segments(text).map((s) => `${s.kind}:${s.text}`);
  assert.deepEqual(kinds('Ve a sence.gob.cl y #Capacítate con @sencechile.'), ['text:Ve a ', 'link:sence.gob.cl', 'text: y ', 'tag:#Capacítate', 'text: con ', 'mention:@sencechile', 'text:.']);
  assert.deepEqual(kinds('sin nada'), ['text:sin nada']);
  assert.equal(segments('a@b').every((s) => s.kind === 'text'), true);
  assert.equal(shortLink('https://www.sence.gob.cl/personas/cursos/un-camino-largo'), 'sence.gob.cl/personas/cur…');
  assert.equal(compose({ linkApart: false }, 'Hola', 'https://sence.gob.cl', 0), 'Hola\nhttps://sence.gob.cl');
  assert.equal(compose({ linkApart: true }, 'Hola', 'https://sence.gob.cl', 0), 'Hola');
  assert.equal(compose({ linkApart: true }, 'Hola', 'https://sence.gob.cl', 1), 'Hola\nhttps://sence.gob.cl');
  assert.equal(place('a👩b', 2), 3);
  assert.equal(place('ab', 9), 2);
});

test('words of days, files and permissions', () => {
  assert.equal(dayWords({ date: '', kind: 'veda', name: 'Veda electoral', blocks: true }), 'Veda electoral (no se publica)');
  assert.equal(dayWords({ date: '', kind: 'feriado', name: 'Navidad', blocks: false }), 'Feriado: Navidad');
  assert.equal(fileWords({ kind: 'image', type: 'image/jpeg', width: 1200, height: 630, size: 240_000 }), 'imagen JPEG, 1200 × 630, 240 kB');
  assert.equal(fileWords({ kind: 'gif', type: 'image/gif', size: 1_200_000 }), 'GIF, 1,2 MB');
  assert.equal(allowed(true) && allowed({ allowed: true }) && !allowed(undefined) && !allowed({ allowed: false, why: 'no' }), true);
  assert.equal(whyNot({ allowed: false, why: 'no' }), 'no');
  assert.equal(losesApproval({ state: 'planned', approval: { by: 'x' } }), true);
  assert.equal(losesApproval({ state: 'submitted' }), false);
});
