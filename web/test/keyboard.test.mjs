/** The whole job without a mouse, and the keyboard's manners. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch, newPage, openCase } from './browser.mjs';
import { act, api, arrive, sent, until } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');
const onCase = (page) => page.waitForFunction(() => document.activeElement?.id === 'titulo-caso');

test('from signing in to closing with the keyboard alone', async () => {
  const t = await arrive('Hola, ¿cómo recupero mi clave para ver el curso?');
  const { page, watch, context } = await newPage(browser);
  await page.goto(base());
  await page.getByRole('heading', { name: 'Elige con quién ingresar' }).waitFor();
  // The first user of the sign-in page is ejecutivo1.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.fila').first().waitFor();
  // Search for the case: / goes to the field, Enter searches, j enters the list, Enter opens.
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.id === 'buscar');
  await page.keyboard.type(t.word);
  // In a system that is new the case may be the only one already: what is waited for is the answer.
  await Promise.all([page.waitForResponse((r) => r.url().includes(t.word)), page.keyboard.press('Enter')]);
  await page.locator('.fila', { hasText: t.word }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.fila').length === 1);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.id === 'titulo');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement?.id.startsWith('caso-'));
  await page.keyboard.press('Enter');
  await onCase(page);
  // Claim: the focus goes where the answer is written.
  await page.keyboard.press('c');
  await page.waitForFunction(() => document.activeElement?.id === 'redactor');
  const text = `Recupera tu clave en el sitio de SENCE ${t.word}`;
  await page.keyboard.type(text);
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'deshacer-respuesta');
  await page.keyboard.press('u');
  await page.waitForFunction((want) => document.activeElement?.id === 'redactor' && document.activeElement.value === want, text);
  await page.keyboard.press('Control+Enter');
  await page.locator('.nuestro .desenlace', { hasText: 'Enviada' }).waitFor({ timeout: 60_000 });
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY', 'the focus was lost when the reply left');
  assert.equal((await sent()).filter((s) => s.text === text).length, 1);
  // Escalate: a dialog asks, undo takes it back.
  await page.keyboard.press('e');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'deshacer-siac');
  await page.keyboard.press('u');
  await page.getByText('Se deshizo el envío.').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'enviar-siac');
  // Class: the dialog opens on the present one; Escape leaves it and gives the focus back.
  await page.keyboard.press('t');
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'clase' && document.activeElement.checked);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]') && document.activeElement?.id === 'enviar-siac');
  // Close, and go on in the list.
  await page.keyboard.press('x');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until('the case to be closed', async () => (await api('supervisor', `/tickets/${t.id}`)).state === 'cerrado');
  await page.waitForFunction(() => /^(caso-|titulo$)/.test(document.activeElement?.id ?? ''));
  // Around: g a, g c, g n, g b.
  for (const [key, name] of [['a', 'Atención'], ['c', 'Cuarentena'], ['n', 'Canales'], ['b', 'Cola']]) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'titulo');
  }
  await assertQuiet(page, watch);
  await context.close();
});

test('letters do nothing in fields, nothing with modifiers, and nothing once they are switched off', async () => {
  const t = await arrive('Hola, ¿hay cursos de peluquería?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.locator('#redactor').focus();
  await page.keyboard.type('jkcrexut/?g');
  assert.equal(await page.locator('#redactor').inputValue(), 'jkcrexut/?g');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('Escape');
  await onCase(page);
  await page.keyboard.press('Alt+x');
  await page.keyboard.press('Control+e');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: 'Usar atajos de una letra' }).uncheck();
  await page.keyboard.press('Escape');
  await onCase(page);
  await page.keyboard.press('t');
  await page.keyboard.press('?');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.reload();
  await page.getByRole('heading', { level: 1, name: /^Caso/ }).waitFor();
  await page.keyboard.press('t');
  assert.equal(await page.getByRole('dialog').count(), 0, 'the choice was forgotten');
  await page.getByRole('button', { name: 'Ayuda' }).click();
  await page.getByRole('checkbox', { name: 'Usar atajos de una letra' }).check();
  await assertQuiet(page, watch);
  await context.close();
});

test('a key that may not act says why', async () => {
  const t = await arrive('Hola, ¿hay cursos de soldadura?');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.keyboard.press('r');
  await page.locator('.nota-breve', { hasText: 'Toma el caso antes de trabajarlo.' }).waitFor();
  assert.match(await page.locator('[aria-live=polite]').first().innerText(), /Toma el caso antes de trabajarlo/);
  await assertQuiet(page, watch);
  await context.close();
});

test('the list is one stop of the Tab key, moved through with j, k and arrows; Escape comes back to its row', async () => {
  await arrive('Hola, ¿hay cursos de pastelería?');
  await arrive('Hola, ¿hay cursos de jardinería?');
  const { page, watch, context } = await enter(browser, 'ejecutivo2');
  await page.locator('.fila').nth(1).waitFor();
  const stops = await page.locator('.filas a[tabindex="0"]').count();
  assert.equal(stops, 1);
  await page.keyboard.press('j');
  const first = await until('a row with the focus', () => focused(page).then((id) => id.startsWith('caso-') && id));
  await page.keyboard.press('j');
  await page.waitForFunction((was) => document.activeElement?.id.startsWith('caso-') && document.activeElement.id !== was, first);
  await page.keyboard.press('k');
  await page.waitForFunction((was) => document.activeElement?.id === was, first);
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction((was) => document.activeElement?.id !== was, first);
  const second = await focused(page);
  await page.keyboard.press('Enter');
  await onCase(page);
  await page.keyboard.press('Escape');
  await page.waitForFunction((was) => document.activeElement?.id === was, second);
  await assertQuiet(page, watch);
  await context.close();
});

test('a case that takes its time to come still gets the focus', async () => {
  const t = await arrive('Hola, ¿hay cursos de panadería?');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/?vista=todos&q=${t.word}`);
  await page.locator('.fila', { hasText: t.word }).waitFor();
  await page.route(`**/api/v1/tickets/${t.id}`, async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement?.id.startsWith('caso-'));
  await page.keyboard.press('Enter');
  await page.locator('.mensaje').waitFor();
  await onCase(page);
  await assertQuiet(page, watch);
  await context.close();
});

test('the skip link is the first stop and leads past the header', async () => {
  const { page, context } = await enter(browser, 'supervisor');
  await page.locator('.fila, .vacio').first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'salto');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'contenido');
  await context.close();
});
