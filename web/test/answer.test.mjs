/** Who reads a reply: public or private, what each takes, until when, and that a private text never turns public. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, enter, launch, openCase } from './browser.mjs';
import { act, api, arrive, sent, until } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A case that ejecutivo1 holds, open in the console: of a comment, or of what citizen says. */
async function held(options, citizen) {
  const t = await arrive('Hola, ¿cuándo pagan?', citizen);
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1', options);
  await openCase(page, t.id);
  await page.locator('#redactor').waitFor();
  return { t, page, watch, context };
}

/** Changes what the service says may be replied, as if the case were of another network. */
const may = (page, id, change) => page.route(`**/api/v1/tickets/${id}`, async (route) => {
  const response = await route.fetch();
  const body = await response.json();
  change(body);
  await route.fulfill({ response, json: body });
});

test('a private reply is chosen with the keyboard, goes out as private, and comes back as private when it is undone', async () => {
  const { t, page, watch, context } = await held();
  const title = page.locator('#titulo-redactor');
  assert.equal(await title.innerText(), 'Respuesta pública en Facebook');
  assert.match(await page.locator('#cuenta-redactor').innerText(), /^Quedan 8\.000 caracteres$/);
  await page.getByRole('radio', { name: /^Pública/ }).focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await title.innerText(), 'Respuesta privada en Facebook');
  assert.match(await page.locator('#cuenta-redactor').innerText(), /^Quedan 2\.000 caracteres$/);
  assert.match(await page.locator('#plazo-redactor').innerText(), /Puedes responder así hasta: .*\d\d:\d\d\. .*una sola respuesta privada/);
  const text = 'Hola. Tu correo persona.ficticia@ejemplo.cl ya está registrado.';
  await page.locator('#redactor').fill(text);
  await page.reload();
  await page.locator('#redactor').waitFor();
  assert.equal(await title.innerText(), 'Respuesta privada en Facebook', 'a private text turned public');
  await page.locator('#redactor').press('Control+Enter');
  const card = page.locator('.nuestro', { hasText: 'Hola. Tu correo' });
  await card.waitFor();
  assert.match(await card.locator('header').innerText(), /en privado/);
  const [reply] = (await api('ejecutivo1', `/tickets/${t.id}`)).replies;
  assert.deepEqual([reply.visibility, reply.state, reply.text], ['private', 'planned', text]);
  assert.equal(await title.innerText(), 'Respuesta pública en Facebook');
  assert.ok(await page.getByRole('radio', { name: /^Privada/ }).isDisabled());
  assert.match(await page.locator('#por-que-private').innerText(), /una sola vez/);
  await page.locator('#deshacer-respuesta').click();
  await card.getByText('Deshecha').waitFor();
  assert.equal(await page.locator('#redactor').inputValue(), text);
  assert.equal(await title.innerText(), 'Respuesta privada en Facebook');
  await assertQuiet(page, watch);
  await context.close();
});

test('a message is answered in private and in no other way, and arrives as such', async () => {
  const { t, page, watch, context } = await held({}, { kind: 'dm' });
  assert.equal(await page.locator('#titulo-redactor').innerText(), 'Respuesta privada en Facebook');
  assert.ok(await page.getByRole('radio', { name: /^Pública/ }).isDisabled());
  assert.match(await page.locator('#por-que-public').innerText(), /mensaje privado no se le responde en público/);
  await page.locator('#redactor').fill(`Hola. Pagan el viernes. ${t.word}`);
  await page.getByRole('button', { name: 'Responder' }).click();
  const [said] = await until('the answer on the network', async () => {
    const found = (await sent()).filter((one) => one.text.includes(t.word));
    return found.length > 0 && found;
  });
  assert.equal(said.visibility, 'private');
  await page.locator('.nuestro', { hasText: t.word }).getByText('Enviada').waitFor({ timeout: 40_000 });
  await assertQuiet(page, watch);
  await context.close();
});

test('each network counts in its own way, and what is not possible says why, without scrolling sideways at 320 px', async () => {
  const { t, page, watch, context } = await held({ width: 320, height: 640 });
  const show = async (change) => {
    await may(page, t.id, change);
    await page.reload();
    await page.locator('.redaccion').waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'the case scrolls sideways');
  };
  await show((body) => {
    body.network = 'x';
    const answer = { allowed: true, limit: 280, unit: 'weighted', note: 'X puede rechazar la respuesta.' };
    body.may.reply = { ...answer, public: answer, private: { allowed: false, why: 'X no dijo a quién escribirle.', limit: 10000, unit: 'characters' } };
  });
  await page.locator('#redactor').fill('👨‍👩‍👧‍👦 ñ https://sence.gob.cl/una/ruta/larga/que/no/cuenta');
  assert.equal(await page.locator('#cuenta-redactor').innerText(), 'Quedan 252 caracteres, como cuenta X');
  assert.equal(await page.locator('#plazo-redactor').innerText(), 'X puede rechazar la respuesta.');
  assert.equal(await page.locator('#por-que-private').innerText(), 'X no dijo a quién escribirle.');
  await show((body) => {
    body.network = 'instagram';
    const answer = { allowed: true, limit: 1000, unit: 'bytes', until: new Date(Date.now() + 3_600_000).toISOString() };
    const no = { allowed: false, why: 'A un mensaje privado no se le responde en público.', limit: 2200, unit: 'characters' };
    body.may.reply = { ...answer, public: no, private: answer };
  });
  assert.equal(await page.locator('#titulo-redactor').innerText(), 'Respuesta privada en Instagram');
  await page.locator('#redactor').fill('ñ'.repeat(501));
  assert.equal(await page.locator('#cuenta-redactor').innerText(), 'Sobran 2 bytes');
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.getByText('Sobran 2 bytes. Acorta el texto.').waitFor();
  await show((body) => {
    body.network = 'whatsapp';
    body.public = false;
    const no = { allowed: false, why: 'Pasaron más de 24 horas.', limit: 4096, unit: 'characters' };
    body.may.reply = { ...no, public: { allowed: false, why: 'WhatsApp no tiene respuestas públicas.' }, private: no };
  });
  assert.equal(await page.locator('#titulo-redactor').innerText(), 'Respuesta privada en WhatsApp');
  assert.equal(await page.locator('.redaccion > .por-que').innerText(), 'Pasaron más de 24 horas.');
  assert.equal(await page.getByRole('radio').count(), 0);
  assert.equal((await page.locator('#borrador').inputValue()).length, 501, 'what was written stays readable');
  await assertQuiet(page, watch);
  await context.close();
});
