/** Our accounts on the networks: how they are is said in words, and who may mends them from the console. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch, openCase } from './browser.mjs';
import { account, act, api, arrive, caseOf, connect, keys, mark, sent, until, writeOn } from './citizen.mjs';
import { start } from './system.mjs';

let browser, system;
// Accounts are connected, paused and broken here: a system of its own.
before(async () => {
  system = await start({ GESTOR_ESCALATE_UNDO: '7s' });
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

const list = /\/api\/v1\/channels(\?.*)?$/;
const of = (page, network) => page.locator('section.canales', { has: page.locator(`#red-${network}`) });

test('every network is there, and who may not connect sees no way to', async () => {
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'Canales' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'titulo');
  for (const name of ['Facebook', 'Instagram', 'X', 'LinkedIn', 'WhatsApp']) await page.getByRole('heading', { level: 2, name }).waitFor();
  assert.equal(await page.getByRole('button', { name: /Conectar|Pausar|Desconectar|Revisar/ }).count(), 0);
  await page.getByRole('heading', { level: 2, name: 'Qué permite cada red' }).waitFor();
  await page.locator('.matriz li', { hasText: 'WhatsApp' }).getByText('WhatsApp no tiene respuestas públicas').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('what is wrong with an account is said with what to do, in words and never by colour alone', async () => {
  const schema = JSON.parse(readFileSync(new URL('../../shared/desk/openapi.json', import.meta.url), 'utf8')).components.schemas.Channel.properties;
  const codes = schema.troubles.items.properties.code.enum;
  const { items } = await api('supervisor', '/channels');
  const c = { ...items.find((one) => one.network === 'facebook' && one.account), name: 'Cuenta de prueba', state: 'ok', level: 'mal' };
  const at = new Date(Date.now() + 3600_000).toISOString();
  const told = codes.map((code) => ({ level: 'mal', code, what: { pausado: 'auth', falta_permiso: 'pages_messaging', suscripcion_caida: 'feed', vence_pronto: 'renovacion', vencido: 'acceso', llamada_fallida: 'unreachable' }[code] ?? '', at, share: 0.8 }));
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.route(list, (route) => route.fulfill({ json: { items: [{ ...c, troubles: told }] } }));
  await page.goto(`${base()}/canales`);
  await page.locator('.canal-avisos > li').first().waitFor();
  const lines = await page.locator('.canal-avisos > li > p').allInnerTexts();
  assert.equal(lines.length, codes.length);
  for (const [i, line] of lines.entries()) {
    assert.match(line, /^[¿A-ZÁÉÍÓÚ].{10,}[.:)] .{8,}\.$/, `${codes[i]} has no words: ${line}`);
    assert.ok(!line.includes(codes[i]), `${codes[i]} shows its code`);
  }
  await page.locator('.canal-estado', { hasText: 'No funciona bien' }).locator('svg').waitFor();
  await page.getByRole('navigation', { name: 'Pantallas' }).getByRole('link', { name: /Canales\s*1 cuenta no funciona/ }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('an account is paused, resumed and looked at by keyboard; the inbox says that answers wait', async () => {
  await connect('facebook', (await account('facebook')).account);
  const t = await arrive('Hola, ¿hay cursos de gasfitería?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/canales`);
  const pause = of(page, 'facebook').getByRole('button', { name: /^Pausar/ });
  await pause.focus();
  await page.keyboard.press('Enter');
  await of(page, 'facebook').getByText('Una persona la puso en pausa.').waitFor();
  await page.waitForFunction(() => document.activeElement?.id.startsWith('canal-facebook/'));
  await act('ejecutivo1', t.id, 'reply', { visibility: 'public', text: `Sí hay ${t.word}` });
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.locator('.lista .franja', { hasText: /Facebook.* está en pausa: 1 respuesta espera/ }).waitFor({ timeout: 60_000 });
  await openCase(page, t.id);
  await page.locator('.nuestro .desenlace', { hasText: 'la cuenta está en pausa' }).waitFor({ timeout: 60_000 });
  assert.equal((await sent()).filter((s) => s.text.includes(t.word)).length, 0);
  await page.locator('#titulo-caso').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await of(page, 'facebook').getByRole('button', { name: /^Reanudar/ }).click();
  await of(page, 'facebook').locator('.canal-estado', { hasText: 'Funciona' }).first().waitFor();
  await until('the reply that waited', async () => (await sent()).filter((s) => s.text.includes(t.word)).length === 1, 120);
  await assertQuiet(page, watch);
  await context.close();
});

test('an account whose key died turns red, and is connected again from the console: what waited goes out, once', async () => {
  await connect('instagram', (await account('instagram')).account);
  const word = mark('ig');
  await writeOn('instagram', `${word} Hola, ¿hay cursos de foto?`);
  const t = await caseOf(word);
  await act('ejecutivo1', t.id, 'claim');
  await keys('instagram', 'revoked');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/canales`);
  await of(page, 'instagram').getByRole('button', { name: /^Revisar ahora/ }).first().click();
  await of(page, 'instagram').getByText('La red ya no acepta nuestra clave.').waitFor({ timeout: 120_000 });
  await of(page, 'instagram').locator('.nivel-mal .canal-estado', { hasText: 'En pausa' }).waitFor();
  await act('ejecutivo1', t.id, 'reply', { visibility: 'public', text: `Sí hay ${word}` });
  await keys('instagram', 'ok');
  await of(page, 'instagram').getByRole('button', { name: /^Conectar de nuevo/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Conectar Instagram' });
  await dialog.getByText('Instagram se conecta por Facebook.').waitFor();
  await dialog.getByRole('button', { name: 'Empezar' }).click();
  const there = dialog.getByRole('link', { name: /^Abrir Instagram/ });
  await there.waitFor({ timeout: 60_000 });
  const [network] = await Promise.all([context.waitForEvent('page'), there.click()]);
  await network.getByRole('button', { name: /permitir|sí/i }).click();
  await network.getByRole('heading', { name: 'Listo por aquí' }).waitFor();
  await network.getByText('Vuelve a la consola').waitFor();
  await network.close();
  await dialog.getByText(/¿Cuál de estas cuentas\?|está conectada/).waitFor({ timeout: 60_000 });
  if (await dialog.getByRole('button', { name: 'Conectar esta cuenta' }).isVisible()) {
    await dialog.getByRole('radio', { name: new RegExp((await account('instagram')).account) }).check();
    await dialog.getByRole('button', { name: 'Conectar esta cuenta' }).click();
  }
  await dialog.getByText('Instagram está conectada.').waitFor({ timeout: 60_000 });
  await dialog.getByRole('button', { name: 'Listo' }).click();
  await of(page, 'instagram').locator('.canal-estado', { hasText: 'Funciona' }).first().waitFor();
  const published = async () => (await sent('instagram')).filter((s) => s.text.includes(word)).length;
  await until('the reply that waited', async () => (await published()) === 1, 120);
  await until('the end of the reply', async () => (await api('supervisor', `/tickets/${t.id}`)).replies[0].state === 'sent');
  assert.equal(await published(), 1);
  await assertQuiet(page, watch);
  await context.close();
});

test('a permission that is denied, and one that is never given, say so', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/canales`);
  await page.locator('#conectar-linkedin').click();
  const dialog = page.getByRole('dialog', { name: 'Conectar LinkedIn' });
  await dialog.getByRole('button', { name: 'Empezar' }).click();
  const there = dialog.getByRole('link', { name: /^Abrir LinkedIn/ });
  await there.waitFor({ timeout: 60_000 });
  const answer = await fetch(`${await there.getAttribute('href')}&auto=no`);
  assert.match(await answer.text(), /No se conectó/);
  await dialog.getByText('En la red no se dio el permiso.').waitFor({ timeout: 30_000 });
  await dialog.getByRole('button', { name: 'Intentar de nuevo' }).click();
  await dialog.getByRole('button', { name: 'Empezar' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.id === 'conectar-linkedin');
  await assertQuiet(page, watch);
  await context.close();
});

test('a pasted key is refused at its field, and never shown again', async () => {
  const { page, watch, context } = await enter(browser, 'ti');
  await page.goto(`${base()}/canales`);
  await page.locator('#conectar-facebook').click();
  await page.getByRole('radio', { name: 'Pegar una clave que ya tengo' }).check();
  await page.getByRole('button', { name: 'Conectar', exact: true }).click();
  await page.getByText('Escribe el identificador de la cuenta').first().waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'conectar-account' && document.activeElement.getAttribute('aria-invalid') === 'true');
  await page.locator('#conectar-account').fill('100000000000001');
  assert.equal(await page.locator('#conectar-token').getAttribute('type'), 'password');
  await page.locator('#conectar-token').fill('clave-que-no-sirve');
  await page.getByRole('button', { name: 'Conectar', exact: true }).click();
  await page.getByText('No se conectó.').waitFor({ timeout: 60_000 });
  assert.ok(!(await page.content()).includes('clave-que-no-sirve'));
  await page.keyboard.press('Escape');
  await assertQuiet(page, watch, /422/);
  await context.close();
});

test('an account is taken away after a question, and is listed as such', async () => {
  await connect('whatsapp', (await account('whatsapp')).account);
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/canales`);
  await of(page, 'whatsapp').getByRole('button', { name: /^Desconectar/ }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Desconectar la cuenta' });
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Volver');
  await dialog.getByRole('button', { name: 'Desconectar' }).click();
  await of(page, 'whatsapp').getByText('Está desconectada: no sale nada por ella.').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('somebody who was faster is told of', async () => {
  await connect('x', (await account('x')).account);
  const { page, watch, context } = await enter(browser, 'jefatura');
  await page.route(list, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const c of body.items) if (c.network === 'x') c.version--;
    await route.fulfill({ json: body });
  });
  await page.goto(`${base()}/canales`);
  await of(page, 'x').getByRole('button', { name: /^Pausar/ }).first().click();
  await of(page, 'x').getByText('La cuenta cambió mientras la mirabas').waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await assertQuiet(page, watch, /409/);
  await context.close();
});

test('a role that sees no accounts is told', async () => {
  const { page, watch, context } = await enter(browser, 'oirs');
  assert.equal(await page.getByRole('navigation', { name: 'Pantallas' }).getByRole('link', { name: 'Canales' }).count(), 0);
  await page.goto(`${base()}/canales`);
  await page.getByRole('heading', { level: 1, name: 'Tu rol no ve esto' }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});
