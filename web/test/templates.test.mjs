/** WhatsApp after its 24 hours: an answer in an approved template, seen as it will be read; and a publication to people of cases. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, enter, launch, openCase } from './browser.mjs';
import { act, api, caseOf, mark, sent, serviceNow, tick, until, writeOn } from './citizen.mjs';
import { sideways, violations } from './looks.mjs';
import { start } from './system.mjs';

let browser, system;
const cases = [];
// The clock is moved here: a system of its own.
before(async () => {
  system = await start();
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  for (let n = 0; n < 2; n++) {
    const word = mark('marca');
    await writeOn('whatsapp', `${word}. Hola, ¿cuándo abre mi curso?`, { kind: 'dm', author: `5690077000${n}`, name: `Persona Ficticia ${n}` });
    cases.push({ word, ...(await caseOf(word, 'ejecutivo2')) });
  }
  await tick(new Date((await serviceNow()) + 25 * 3_600_000).toISOString());
  await until('the templates', async () => (await api('ejecutivo1', '/templates')).items.length > 0);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

const answer = (name) => `Hola ${name}: ya tenemos respuesta a tu consulta 77. Escríbenos por aquí para verla.`;

for (const [n, width] of [[0, 1440], [1, 320]]) {
  test(`after its day a person on WhatsApp is answered with a template, at ${width} px`, async () => {
    const t = cases[n];
    await act('ejecutivo1', t.id, 'claim');
    const { page, watch, context } = await enter(browser, 'ejecutivo1', { width, scheme: n ? 'dark' : 'light' });
    await openCase(page, t.id);
    await page.locator('.redaccion .por-que', { hasText: 'plantilla aprobada' }).waitFor();
    assert.equal(await page.locator('#redactor').count(), 0);
    await page.locator('#usar-plantilla').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'campo-template');
    const send = page.getByRole('button', { name: 'Enviar plantilla' });
    await send.click();
    await page.locator('#error-template', { hasText: 'Elige una plantilla.' }).waitFor();
    await page.locator('#campo-template').selectOption({ label: 'aviso_respuesta' });
    await page.getByLabel('Dato 1, después de «Hola»').fill(`Persona${n}`);
    await send.click();
    await page.locator('#error-template', { hasText: 'Completa el dato 2.' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'campo-param-1');
    assert.equal(await page.locator('.redaccion figure .texto').innerText(), answer(`Persona${n}`).replace('77', '{{2}}'));
    await page.keyboard.type(' 77 ');
    assert.equal(await page.locator('.redaccion figure .texto').innerText(), answer(`Persona${n}`));
    assert.deepEqual([...(await violations(page)), ...(await sideways(page))], []);
    await send.click();
    await page.locator('.nuestro', { hasText: 'con una plantilla' }).waitFor();
    await tick(new Date((await serviceNow()) + 15_000).toISOString());
    await until('the template on the network', async () => (await sent('whatsapp')).filter((s) => s.text === answer(`Persona${n}`)).length === 1);
    await page.locator('.nuestro', { hasText: answer(`Persona${n}`) }).getByText(/^(Enviad|Entregad|Leíd)/).waitFor({ timeout: 40_000 });
    await assertQuiet(page, watch);
    await context.close();
  });
}

test('a publication on WhatsApp is a template to people of cases, found by name and sent to approval', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor', { width: 320 });
  await page.goto(`${system.url}/publicaciones/nueva`);
  await page.getByLabel('WhatsApp').check();
  assert.equal(await page.locator('#campo-text').count(), 0);
  await page.locator('#campo-template').selectOption({ label: 'horario_especial' });
  await page.getByLabel('Dato 1, después de «Este»').fill('viernes 4');
  await page.locator('#campo-cases').fill('Persona Ficticia');
  for (const n of [0, 1]) await page.getByRole('button', { name: `Agregar ${cases[n].number}` }).click();
  await page.getByRole('list', { name: 'Casos elegidos' }).getByRole('listitem').nth(1).waitFor();
  await page.getByRole('button', { name: `Quitar ${cases[0].number}` }).click();
  await page.getByText('Solo a personas que lo pidieron: quien aprueba lo confirma.').waitFor();
  assert.equal(await page.locator('.de-whatsapp .texto').innerText(), 'Este viernes 4 nuestras oficinas atienden de 9:00 a 13:00.');
  assert.deepEqual([...(await violations(page)), ...(await sideways(page))], []);
  await page.getByLabel(/Apenas|aprueb/i).first().check();
  await page.getByRole('button', { name: 'Enviar a aprobación' }).click();
  const waiting = await until('the publication', async () => (await api('comunicaciones', '/posts?view=approvals')).items[0]);
  assert.deepEqual([waiting.cases, waiting.variants.whatsapp.template.params, waiting.variants.whatsapp.preview],
    [[cases[1].id], ['viernes 4'], 'Este viernes 4 nuestras oficinas atienden de 9:00 a 13:00.']);
  await assertQuiet(page, watch);
  await context.close();
});
