import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyForm, fromPost, missing, same, toFields } from '../../src/publish/form';
import { approvedFor, beforeWords, gapOf, reads } from '../../src/publish/approved';

const aviso = { name: 'aviso', language: 'es_CL', body: 'Hola {{1}}: tu curso {{ 2 }} empieza, {{1}}.', params: 2, category: 'UTILITY', account: '1' };

test('a template reads as the service says that it does', () => {
  assert.equal(reads(aviso.body, [' Ana \n María ', '{{1}}']), 'Hola Ana María: tu curso {{1}} empieza, Ana María.');
  assert.equal(reads(aviso.body, ['Ana', ' ']), 'Hola Ana: tu curso {{ 2 }} empieza, Ana.');
  assert.equal(reads(aviso.body), aviso.body);
  assert.equal(reads('Hola {{1}}.', ['$& $1']), 'Hola $& $1.');
  assert.deepEqual([beforeWords(aviso.body, 1), beforeWords(aviso.body, 2), beforeWords('{{1}} abre.', 1)], ['después de «Hola»', 'después de «…: tu curso»', 'al comienzo']);
  assert.deepEqual([gapOf(aviso, { params: ['a'] }), gapOf(aviso, { params: [' ', 'b'] }), gapOf(aviso, { params: ['a', 'b'] })], [1, 0, -1]);
  const all = [aviso, { ...aviso, account: '2' }, { ...aviso, name: 'otra', account: '2' }];
  assert.deepEqual([approvedFor(all).length, approvedFor(all, '1').length, approvedFor(all, '3').length], [2, 1, 0]);
});

test('a publication on WhatsApp needs its template and its cases, and no text', () => {
  const template = { name: 'aviso', language: 'es_CL', params: ['Ana', 'Excel'] };
  const f = { ...emptyForm, networks: ['whatsapp'], soon: true, variants: { whatsapp: { template } }, cases: ['01A'] };
  assert.equal(missing(f, 0), undefined);
  assert.equal(missing({ ...f, cases: [] }, 0).field, 'cases');
  assert.equal(missing({ ...f, variants: {} }, 0).field, 'template');
  assert.equal(missing({ ...f, variants: { whatsapp: { template: { ...template, params: ['Ana', ''] } } } }, 0).field, 'template');
  assert.equal(missing({ ...f, networks: ['whatsapp', 'x'] }, 0).field, 'text');
  assert.deepEqual(toFields({ ...f, networks: ['x'] }).cases, []);
  const p = { id: 'p', text: '', networks: ['whatsapp'], publishAt: { now: true }, cases: ['01A'], variants: { whatsapp: { template, preview: 'Hola Ana…' } } };
  assert.ok(same(fromPost(p), f), 'what the service shows of it counts as a change');
});
