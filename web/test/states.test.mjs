/** Each state a screen can be in: waiting, empty, broken, offline, not allowed, more than one page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch, openCase } from './browser.mjs';
import { act, api, arrive, until } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const lists = /\/api\/v1\/tickets\?/;

test('what takes long shows that it is being read, what is quick does not', async () => {
  await arrive('Hola, ¿hay cursos de dibujo?');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.locator('.fila').first().waitFor();
  let let_go;
  const held = new Promise((done) => (let_go = done));
  await page.route(lists, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('link', { name: 'Todos' }).click();
  await page.locator('.esqueleto').waitFor();
  let_go();
  await page.locator('.fila').first().waitFor();
  assert.equal(await page.locator('.esqueleto').count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('what fails says so and can be tried again', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.locator('.fila, .vacio').first().waitFor();
  const problem = { title: 'Inténtalo de nuevo', detail: 'El servicio está ocupado. Nada se perdió.', status: 503 };
  await page.route(lists, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem }));
  await page.getByRole('link', { name: 'Todos' }).click();
  await page.getByRole('alert').getByText('El servicio está ocupado').waitFor();
  await page.unroute(lists);
  await page.getByRole('button', { name: 'Reintentar' }).click();
  await page.locator('.fila, .vacio').first().waitFor();
  await assertQuiet(page, watch, /503/);
  await context.close();
});

test('without a connection it says so, keeps what is on screen and what is written, and comes back by itself', async () => {
  const t = await arrive('Hola, ¿hay cursos de música?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.locator('#redactor').fill('Texto escrito antes de la caída');
  await context.setOffline(true);
  await page.locator('.franja', { hasText: 'Sin conexión' }).waitFor();
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.locator('.redaccion .aviso.malo', { hasText: 'No pudimos llegar al servicio' }).waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('#redactor').inputValue(), 'Texto escrito antes de la caída');
  await context.setOffline(false);
  await page.locator('.franja').waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ }).waitFor();
  await page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ }).click();
  await assertQuiet(page, watch, /ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  await context.close();
});

test('what was heard long ago is said to be old', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.locator('.fila, .vacio').first().waitFor();
  await page.clock.install();
  await page.reload();
  await page.locator('.fila, .vacio').first().waitFor();
  await page.route('**/api/v1/changes?*', () => undefined);
  await page.clock.runFor(15_000);
  await page.clock.fastForward(80_000);
  await page.clock.runFor(6000);
  await page.locator('.franja', { hasText: /puede estar desactualizado/ }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('a role that may not see cases is told, and still has what it may', async () => {
  for (const [user, attention] of [['comunicaciones', 1], ['ti', 1], ['programa', 0]]) {
    const { page, watch, context } = await enter(browser, user);
    await page.getByRole('heading', { level: 1, name: 'Tu rol no ve esto' }).waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Pantallas' }).getByRole('link', { name: /Atención/ }).count(), attention, user);
    await assertQuiet(page, watch);
    await context.close();
  }
});

test('a role that only reads sees why it may do nothing else', async () => {
  const t = await arrive('Hola, ¿hay cursos de fotografía?');
  const { page, watch, context } = await enter(browser, 'auditor');
  await openCase(page, t.id);
  await page.getByText('Tu rol no puede tomar casos.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Tomar el caso' }).isDisabled());
  assert.equal(await page.locator('#redactor').count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('more than one page is read on demand, the focus goes to what is new', async () => {
  for (let i = 0; i < 2; i++) {
    await fetch(`${process.env.GESTOR_TEST_SIM}/sim/morning`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  }
  await until('more than one page', async () => (await api('supervisor', '/tickets?view=all&limit=200')).items.length > 50);
  const { page, watch, context } = await enter(browser, 'supervisor', { height: 600 });
  await page.goto(`${base()}/?vista=todos`);
  await page.locator('.fila').nth(49).waitFor({ state: 'attached', timeout: 60_000 });
  const shown = await page.locator('.fila').count();
  await page.getByRole('button', { name: 'Cargar más' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('.fila').length > n, shown);
  await page.waitForFunction(() => document.activeElement?.id.startsWith('caso-'));
  const ids = await page.locator('.fila a').evaluateAll((all) => all.map((a) => a.id));
  assert.equal(new Set(ids).size, ids.length, 'a case is listed twice');
  await assertQuiet(page, watch);
  await context.close();
});

test('the spam lies folded at the end of the queue and can be taken back', async () => {
  const t = await arrive('Gana dinero desde casa haz clic aquí http://ejemplo.invalid promo');
  assert.equal(t.intent.final, 'spam');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/?q=${t.word}`);
  const group = page.locator('details.grupo', { hasText: 'Spam' });
  await group.waitFor();
  assert.equal(await page.locator('.fila', { hasText: t.word }).isVisible(), false);
  await group.locator('summary').click();
  await page.locator('.fila', { hasText: t.word }).locator('a').click();
  await page.getByText('El spam se puede recuperar').waitFor();
  await page.locator('#corregir').click();
  await page.getByRole('radio', { name: /^Consulta/ }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Guardar' }).click();
  await page.locator('.caso-senas .chip', { hasText: 'Consulta' }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('what is only perhaps spam is not folded', async () => {
  const t = await arrive('¿alguien sabe a cómo está el dólar?');
  assert.equal(t.intent.final, 'spam');
  assert.equal(t.intent.folded, false, 'the model is not sure that it is nobody\'s case');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/?q=${t.word}`);
  const group = page.locator('section.grupo', { hasText: 'Quizás spam' });
  await group.locator('.fila', { hasText: t.word }).waitFor();
  assert.equal(await page.locator('details.grupo .fila', { hasText: t.word }).count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('the address is the state: a filtered list survives a reload and the way back', async () => {
  const t = await arrive('Hola, ¿hay cursos de inglés técnico?');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.getByLabel('Clase').selectOption('consulta');
  await page.waitForURL(/clase=consulta/);
  await page.locator('#buscar').fill(t.word);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`q=${t.word}`));
  await page.reload();
  await page.locator('.fila', { hasText: t.word }).locator('a').click();
  await page.waitForURL(/\/casos\/.*clase=consulta/);
  await page.goBack();
  await page.waitForFunction(() => !document.querySelector('.caso'));
  assert.equal(await page.getByLabel('Clase').inputValue(), 'consulta');
  assert.equal(await page.locator('#buscar').inputValue(), t.word);
  await assertQuiet(page, watch);
  await context.close();
});

test('every code of the API has its word', () => {
  const api = JSON.parse(readFileSync(new URL('../../shared/desk/openapi.json', import.meta.url), 'utf8'));
  const words = ['words', 'channelWords', 'matterWords', 'publish/words', 'publish/scope'].map((name) => readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')).join('\n');
  const ticket = api.components.schemas.Ticket.properties;
  const table = (name) => {
    const found = words.match(new RegExp(`const ${name}[^=]*= \\{([\\s\\S]*?)\\n?\\};`));
    assert.ok(found, `words.ts has no table ${name}`);
    return found[1];
  };
  const matters = api.paths['/api/v1/attention'].get.responses['200'].content['application/json'].schema.properties.items.items.properties.kind.enum;
  const channel = api.components.schemas.Channel.properties;
  const hide = api.paths['/api/v1/tickets/{id}/{action}'].post.requestBody.content['application/json'].schema.oneOf.find((one) => one.title === 'hide');
  const lists = {
    networks: ticket.network.enum, intents: ticket.intent.properties.final.enum, intentGroups: ticket.intent.properties.final.enum,
    intentMeanings: ticket.intent.properties.final.enum, states: ticket.state.enum,
    urgencies: ticket.urgency.enum, replyStates: ticket.replies.items.properties.state.enum, matters, receipts: ticket.replies.items.properties.receipt.enum,
    channelStates: channel.state.enum, endings: channel.expiries.items.properties.kind.enum,
    icons: channel.level.enum, methods: channel.methods.items.enum,
    hideReasons: hide.properties.reason.enum, stateWords: api.components.schemas.Post.properties.state.enum, stateMarks: api.components.schemas.Post.properties.state.enum,
    everyWords: api.components.schemas.Recurrence.properties.every.enum, weekWords: api.components.schemas.Recurrence.properties.days.items.enum,
  };
  for (const code of channel.troubles.items.properties.code.enum) assert.match(words, new RegExp(`\\n  ${code}: \\(`), `no words for the trouble ${code}`);
  for (const [name, codes] of Object.entries(lists)) {
    for (const code of codes) assert.match(table(name), new RegExp(`\\b${code}:`), `${name} has no word for ${code}`);
  }
});
