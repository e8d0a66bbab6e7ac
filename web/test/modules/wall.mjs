import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as wall from '../../src/publish/wall';

const zone = 'America/Santiago';

test('an instant is told by the clock of its zone, and back', () => {
  for (const [instant, local] of [
    ['2026-12-01T12:00:00Z', '2026-12-01T09:00'], ['2026-07-01T13:00:00Z', '2026-07-01T09:00'], ['2026-01-01T02:59:00Z', '2025-12-31T23:59'],
  ]) {
    assert.equal(wall.wallOf(instant, zone), local);
    assert.deepEqual(wall.instantsOf(local, zone), [Date.parse(instant)]);
  }
  assert.equal(wall.wallOf('2026-07-01T13:00:00Z', 'America/Punta_Arenas'), '2026-07-01T10:00');
});

test('the nights in which the clocks change', () => {
  // In 2026 Chile goes back on the night of April 4 and forward on that of September 5.
  assert.equal(wall.doubtOf('2026-04-04T23:30', zone), 'twice');
  const [first, second] = wall.instantsOf('2026-04-04T23:30', zone);
  assert.equal(second - first, 3600_000);
  assert.equal(wall.doubtOf('2026-09-06T00:30', zone), 'missing');
  assert.deepEqual(wall.instantsOf('2026-09-06T00:30', zone), []);
  assert.equal(wall.doubtOf('2026-09-06T01:00', zone), '');
  assert.equal(wall.doubtOf('2026-04-05T00:30', zone), '');
  assert.equal(wall.doubtOf('', zone), '');
  assert.equal(wall.doubtOf('2026-04-04T23:30', 'America/Punta_Arenas'), '');
});

test('each hour of a year happens once, but for those two', () => {
  const strange = { twice: 0, missing: 0 };
  for (let at = Date.parse('2026-01-01T00:00Z'); at < Date.parse('2027-01-01T00:00Z'); at += 1800_000) {
    const doubt = wall.doubtOf(new Date(at).toISOString().slice(0, 16), zone);
    if (doubt) strange[doubt]++;
  }
  assert.deepEqual(strange, { twice: 2, missing: 2 });
});

test('moving keeps the clock on the wall, over the changes of hour too', () => {
  assert.equal(wall.shift('2026-04-03T09:00', 3), '2026-04-06T09:00');
  assert.equal(wall.shift('2026-12-31T23:30', 0, 60), '2027-01-01T00:30');
  assert.equal(wall.addDays('2026-02-28', 1), '2026-03-01');
  assert.equal(wall.addMonths('2026-01-31', 1), '2026-02-28');
  assert.equal(wall.addMonths('2026-01-31', -2), '2025-11-30');
  assert.equal(wall.daysBetween('2026-03-30', '2026-04-07'), 8);
});

test('in words', () => {
  assert.equal(wall.whenWords('2026-12-01T09:00', '2026-11-30'), 'mar 1 dic, 09:00');
  assert.equal(wall.whenWords('2027-01-04T09:00', '2026-11-30'), 'lun 4 ene 2027, 09:00');
  assert.equal(wall.longDay('2026-12-01'), 'martes 1 de diciembre de 2026');
  assert.equal(wall.zoneWords('America/Punta_Arenas'), 'hora de Punta Arenas');
  const at = Date.parse('2026-12-01T12:00:00Z');
  for (const [minutes, words] of [[0, 'ahora'], [35, 'en 35 min'], [120, 'en 2 h'], [4320, 'en 3 días'], [-120, 'hace 2 h']]) {
    assert.equal(wall.untilWords(at + minutes * 60_000, at), words);
  }
});

test('an answer may wait for the next hour, the evening, the next days on which people work', async () => {
  const { choices, nextWorkday } = await import('../../src/publish/delay');
  assert.equal(nextWorkday('2026-12-04', new Set()), '2026-12-07');
  assert.equal(nextWorkday('2026-12-07', new Set(['2026-12-08'])), '2026-12-09');
  const labels = (instant, holidays = []) => choices(Date.parse(instant), new Set(holidays)).map((c) => `${c.label}=${c.local}`);
  assert.deepEqual(labels('2026-12-01T13:02:00Z'), ['En 1 hora=2026-12-01T11:05', 'Hoy 18:00=2026-12-01T18:00', 'Mañana 09:00=2026-12-02T09:00', 'Jue 3 dic 09:00=2026-12-03T09:00']);
  assert.deepEqual(labels('2026-12-04T21:00:00Z', ['2026-12-08']), ['En 1 hora=2026-12-04T19:00', 'Lun 7 dic 09:00=2026-12-07T09:00', 'Mié 9 dic 09:00=2026-12-09T09:00']);
});
