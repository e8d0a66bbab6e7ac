import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grid from '../../src/publish/grid';
import { addDays, weekday } from '../../src/publish/wall';

const post = (id, local, more = {}) => ({ id, version: 1, state: 'planned', text: id, networks: ['facebook', 'x'], author: { id: 'a' }, publishAt: { local, zone: 'America/Santiago' }, ...more });

test('a month is whole weeks from Monday, and holds all its days', () => {
  for (let date = '2026-01-15'; date < '2029-01-01'; date = addDays(date, 30)) {
    const weeks = grid.monthWeeks(date);
    const days = weeks.flat();
    for (const week of weeks) {
      assert.equal(weekday(week[0]), 0);
      assert.equal(week.length, 7);
      assert.ok(week.some((day) => day.startsWith(date.slice(0, 7))), `${week[0]} has no day of ${date}`);
    }
    for (let i = 1; i < days.length; i++) assert.equal(days[i], addDays(days[i - 1], 1));
    for (let day = `${date.slice(0, 7)}-01`; day.startsWith(date.slice(0, 7)); day = addDays(day, 1)) assert.ok(days.includes(day), day);
    assert.deepEqual(grid.rangeOf('mes', date), [days[0], days.at(-1)]);
  }
  assert.deepEqual(grid.monthWeeks('2026-12-05').map((w) => w[0]), ['2026-11-30', '2026-12-07', '2026-12-14', '2026-12-21', '2026-12-28']);
});

test('pages and periods', () => {
  assert.equal(grid.turn('mes', '2026-01-31', 1), '2026-02-28');
  assert.equal(grid.turn('semana', '2026-12-30', 1), '2027-01-06');
  assert.equal(grid.turn('agenda', '2026-12-01', -1), '2026-11-03');
  assert.deepEqual(grid.rangeOf('semana', '2026-12-02'), ['2026-11-30', '2026-12-06']);
  assert.equal(grid.periodWords('mes', '2026-12-02'), 'diciembre de 2026');
  assert.equal(grid.periodWords('semana', '2026-12-30'), 'lun 28 dic 2026 al dom 3 ene de 2027');
});

test('arrows move days, with shift hours, and nothing else moves', () => {
  assert.deepEqual(grid.stepOf('ArrowUp', false), { days: -7, minutes: 0 });
  assert.deepEqual(grid.stepOf('ArrowRight', false), { days: 1, minutes: 0 });
  assert.deepEqual(grid.stepOf('ArrowDown', true), { days: 0, minutes: 60 });
  assert.equal(grid.stepOf('a', false), undefined);
});

test('posts stand on their day by their hour, one that is moved where it is taken', () => {
  const posts = [post('b', '2026-12-01T10:00'), post('a', '2026-12-01T09:00'), post('sin', undefined, { publishAt: {} }), post('c', '2026-12-02T08:00')];
  assert.deepEqual([...grid.byDay(posts)].map(([day, all]) => `${day} ${all.map((p) => p.id)}`).sort(), ['2026-12-01 a,b', '2026-12-02 c']);
  assert.deepEqual(grid.byDay(posts, { id: 'c', to: '2026-12-01T09:30' }).get('2026-12-01').map((p) => p.id), ['a', 'c', 'b']);
  assert.equal(grid.localOf(post('x', undefined, { publishAt: { at: '2026-12-01T12:00:00Z', zone: 'America/Santiago' } })), '2026-12-01T09:00');
  assert.equal(grid.onDay('2026-12-01T10:15', '2026-12-24'), '2026-12-24T10:15');
});

test('networks that say the same and stand alike are one part', () => {
  const p = post('texto', '2026-12-01T09:00', { networks: ['facebook', 'instagram', 'x'], variants: { x: { text: 'corto' } } });
  assert.deepEqual(grid.partsOf(p).map((one) => [one.networks.join(), one.text]), [['facebook,instagram', 'texto'], ['x', 'corto']]);
  const failed = { ...p, variants: {}, targets: { facebook: { state: 'sent' }, instagram: { state: 'refused' }, x: { state: 'sent' } } };
  assert.deepEqual(grid.partsOf(failed).map((one) => [one.networks.join(), one.state]), [['facebook,x', 'sent'], ['instagram', 'refused']]);
  assert.equal(grid.partsOf({ ...p, networks: [] }).length, 1);
  assert.equal(grid.partsOf({ ...p, media: [{ id: 'm', alt: '' }], variants: { x: { media: [] } } }).length, 2);
});

test('first words end at a word, and count letters and not halves of them', () => {
  assert.equal(grid.firstWords('  hola\n\nmundo '), 'hola mundo');
  assert.equal(grid.firstWords(''), 'Sin texto');
  const cut = grid.firstWords('👩‍🏫'.repeat(50), 10);
  assert.ok(cut.isWellFormed() && cut.endsWith('…'));
  assert.equal(grid.firstWords('uno dos tres cuatro', 10), 'uno dos…');
});
