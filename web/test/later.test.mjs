/** An answer that leaves later: chosen by keyboard, shown with its hour, taken back to be written on, cancelled, and gone at its hour. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, enter, launch, openCase } from './browser.mjs';
import { act, api, arrive, sent, tick, until, wall } from './citizen.mjs';
import { start } from './system.mjs';
import { sideways, violations } from './looks.mjs';

let browser, system;
// The clock is moved here: a system of its own.
before(async () => {
  system = await start();
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

const said = (page, text) => page.locator('p.oculto[role=status]', { hasText: text }).waitFor({ state: 'attached' });

test('an answer is sent later, taken back into the box, sent later again, and leaves at its hour', async () => {
  const t = await arrive('Hola, ¿cuándo abren los cursos de marzo?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  const text = `Abren el 15 de marzo ${t.word}`;
  await page.locator('#redactor').fill(text);
  await page.locator('#enviar-despues').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'despues-0');
  // Nothing is sent while no hour is chosen, and none that has passed.
  await page.locator('#redactor').press('Control+Enter');
  await page.getByText('Elige cuándo sale, o envíala ahora.').waitFor();
  const past = await wall(-60);
  await page.locator('#despues-dia').fill(past.slice(0, 10));
  await page.locator('#despues-hora').fill(past.slice(11));
  await page.getByText('Esa hora ya pasó. Elige otra.').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.locator('#despues-0').focus();
  await page.keyboard.press('Enter');
  await page.getByText(/^Sale (hoy|el )/).waitFor();
  await page.getByRole('button', { name: 'Programar' }).click();
  await said(page, 'Puedes cancelarla.');
  const line = page.locator('.nuestro .desenlace', { hasText: /Sale (hoy|el )/ });
  await line.waitFor();
  assert.equal((await sent()).filter((s) => s.text === text).length, 0);
  await line.getByRole('button', { name: /^Editar/ }).click();
  await page.waitForFunction((want) => document.activeElement?.id === 'redactor' && document.activeElement.value === want, text);
  assert.equal((await api('ejecutivo1', `/tickets/${t.id}`)).replies.at(-1).state, 'cancelled');
  await page.locator('#enviar-despues').click();
  await page.locator('#despues-0').click();
  await page.getByRole('button', { name: 'Programar' }).click();
  await line.waitFor();
  const due = (await api('ejecutivo1', `/tickets/${t.id}`)).replies.at(-1).sendAt;
  await tick(new Date(Date.parse(due) + 5000).toISOString());
  await until('the answer to leave', async () => (await sent()).filter((s) => s.text === text).length === 1);
  await page.locator('.nuestro .desenlace', { hasText: 'Enviada' }).waitFor({ timeout: 60_000 });
  await assertQuiet(page, watch);
  await context.close();
});

test('an answer for later can be cancelled, on a narrow screen too', async () => {
  const t = await arrive('Hola, ¿hay cursos de cocina?');
  await act('ejecutivo1', t.id, 'claim');
  const at = await wall(3 * 1440);
  await act('ejecutivo1', t.id, 'reply', { visibility: 'public', text: `Sí hay ${t.word}`, sendAt: { local: at, zone: 'America/Santiago' } });
  const { page, watch, context } = await enter(browser, 'ejecutivo1', { width: 320, scheme: 'dark' });
  await openCase(page, t.id);
  const line = page.locator('.nuestro .desenlace', { hasText: 'Sale el ' });
  await line.waitFor();
  assert.match(await line.innerText(), new RegExp(at.slice(11)));
  assert.deepEqual([...(await violations(page)), ...(await sideways(page))], []);
  await line.getByRole('button', { name: /^Cancelar/ }).click();
  await said(page, 'Cancelaste la respuesta: no saldrá.');
  assert.equal((await api('ejecutivo1', `/tickets/${t.id}`)).replies.at(-1).state, 'cancelled');
  await assertQuiet(page, watch);
  await context.close();
});
