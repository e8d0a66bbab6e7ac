/** Cases typed in by hand: from the key to the case, with evidence, and with what is wrong said at its field. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch } from './browser.mjs';
import { api, mark } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const focus = (page, id) => page.waitForFunction((want) => document.activeElement?.id === want, id);
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

test('from the key n to the case with the keyboard alone; a reload keeps what was written', async () => {
  const word = mark('mano');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.locator('.fila, .vacio').first().waitFor();
  await page.keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'Ingresar un caso a mano' }).waitFor();
  await focus(page, 'titulo');
  await page.getByRole('button', { name: 'Ingresar el caso' }).focus();
  await page.keyboard.press('Enter');
  await focus(page, 'nuevo-network');
  await page.locator('#error-network', { hasText: 'Elige la red.' }).waitFor();
  await page.keyboard.type('Insta');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await focus(page, 'nuevo-text');
  await page.keyboard.type(`${word} Hola, ¿puedo postular desde Arica?`);
  await page.locator('#nuevo-evidence').setInputFiles({ name: 'captura.png', mimeType: 'image/png', buffer: png });
  await page.locator('.evidencia img').waitFor();
  await page.locator('#nuevo-link').fill('instagram.com/p/1');
  await page.reload();
  await page.locator('.evidencia', { hasText: 'captura.png' }).waitFor();
  assert.equal(await page.locator('#nuevo-text').inputValue(), `${word} Hola, ¿puedo postular desde Arica?`);
  await page.locator('#nuevo-link').focus();
  await page.keyboard.press('Enter');
  await page.locator('#error-link', { hasText: 'https://' }).waitFor();
  await focus(page, 'nuevo-link');
  await page.locator('#nuevo-link').fill(`https://instagram.com/p/${word}`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /^Caso RS-/ }).waitFor();
  await focus(page, 'titulo-caso');
  await page.locator('.de-persona', { hasText: word }).locator('.marca-texto', { hasText: 'Ingresado a mano' }).waitFor();
  await page.keyboard.press('c');
  await page.locator('.redaccion', { hasText: 'Este caso se ingresó a mano' }).waitFor();
  assert.equal(await page.getByRole('link', { name: /^Abrir en Instagram/ }).getAttribute('href'), `https://instagram.com/p/${word}`);
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Evidencia/ }).click()]);
  assert.match(saved.suggestedFilename(), /^RS-.*\.png$/);
  await page.goto(`${base()}/nuevo`);
  assert.equal(await page.locator('#nuevo-text').inputValue(), '', 'the draft outlived its case');
  await assertQuiet(page, watch, /422/);
  await context.close();
});

test('the same typed in twice is one case, which is offered', async () => {
  const word = mark('doble');
  const { page, watch, context } = await enter(browser, 'supervisor');
  const type = async () => {
    await page.goto(`${base()}/nuevo`);
    await page.locator('#nuevo-network').selectOption('x');
    await page.getByRole('radio', { name: /En público/ }).check();
    await page.locator('#nuevo-text').fill(`${word} Hola, ¿cuándo pagan el bono?`);
    await page.getByRole('button', { name: 'Ingresar el caso' }).click();
  };
  await type();
  await page.getByRole('heading', { level: 1, name: /^Caso RS-/ }).waitFor();
  const number = (await page.locator('.numero').first().innerText()).trim();
  await type();
  await page.getByRole('alert').getByRole('link', { name: `Abrir el caso ${number}` }).click();
  await page.getByRole('heading', { level: 1, name: `Caso ${number}` }).waitFor();
  assert.equal((await api('supervisor', `/tickets?view=all&q=${word}`)).items.length, 1);
  await assertQuiet(page, watch, /409/);
  await context.close();
});

test('a denuncia goes where its typist does not see it, and says so', async () => {
  const { page, watch, context } = await enter(browser, 'ejecutivo2');
  await page.goto(`${base()}/nuevo`);
  await page.locator('#nuevo-network').selectOption('facebook');
  await page.getByRole('radio', { name: /En privado/ }).check();
  await page.locator('#nuevo-text').fill(`${mark('den')} Quiero denunciar a un funcionario que me pidió una coima para aprobar mi curso`);
  await page.getByRole('button', { name: 'Ingresar el caso' }).click();
  await page.locator('#nuevo-reservado', { hasText: /cola reservada, con el número RS-/ }).waitFor();
  await focus(page, 'nuevo-reservado');
  assert.equal(await page.locator('#nuevo-text').inputValue(), '');
  await assertQuiet(page, watch);
  await context.close();
});

test('a file that is none of those is refused at its field, one too large before it is sent', async () => {
  const { page, watch, context } = await enter(browser, 'siac');
  await page.goto(`${base()}/nuevo`);
  await page.locator('#nuevo-evidence').setInputFiles({ name: 'nota.png', mimeType: 'image/png', buffer: Buffer.from('<script>alert(1)</script>') });
  await page.locator('#error-evidence', { hasText: 'tiene que ser una imagen' }).waitFor();
  await page.locator('#nuevo-evidence').setInputFiles({ name: 'enorme.png', mimeType: 'image/png', buffer: Buffer.concat([png, Buffer.alloc(4 << 20)]) });
  await page.locator('#error-evidence', { hasText: 'pesa más de 4 MB' }).waitFor();
  assert.equal(await page.locator('.evidencia li').count(), 0);
  await assertQuiet(page, watch, /422/);
  await context.close();
});

test('who may not type cases in is offered no way to', async () => {
  const { page, watch, context } = await enter(browser, 'jefatura');
  await page.locator('.fila, .vacio').first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'Nuevo caso' }).count(), 0);
  await page.keyboard.press('n');
  await page.locator('[role=status]', { hasText: 'Tu rol no ingresa casos a mano.' }).waitFor({ state: 'attached' });
  await page.goto(`${base()}/nuevo`);
  await page.getByRole('heading', { level: 1, name: 'Tu rol no ve esto' }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});
