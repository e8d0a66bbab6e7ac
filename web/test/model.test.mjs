/** How people look at the classifier: the tray where they say what texts ask for, and its figures. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch } from './browser.mjs';
import { act, api, arrive, until } from './citizen.mjs';
import { clipped, larger, sideways, violations } from './looks.mjs';
import { start } from './system.mjs';

let browser, system;
const made = {};
before(async () => {
  system = await start();
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
  do made.first = await arrive('No me pagan el bono y mi rut es 11.111.111-1, @juanito_ficticio sabe'); while (audited(made.first.mentions[0].id));
  for (const text of ['¿Cuándo abren los cursos?', 'Gracias por la ayuda', 'El sábado podrían atender', 'Llevo tres meses esperando el pago']) await arrive(text);
  await act('supervisor', made.first.id, 'classify', { intent: 'sugerencia', reason: 'propone algo' });
  await until('those that wait', async () => (await api('siac', '/labelling')).items.length >= 5);
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

/** Whether a text is of the blind audit (shared/ticket, Blind): nobody trains with it. */
function audited(id) {
  return createHash('sha256').update(`auditoria-ciega\0${id}`).digest().readBigUInt64BE() % 20n === 0n;
}

const waiting = async (user) => (await api(user, '/labelling')).items;

const focused = (page) => page.evaluate(() => document.activeElement?.id ?? '');

test('a person says by keyboard what a text asks for, takes it back, skips, and never learns what the model said', async () => {
  const { page, watch, context } = await enter(browser, 'siac');
  const heard = [];
  page.on('response', async (r) => { if (r.url().includes('/labelling')) heard.push(await r.text().catch(() => '')); });
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('heading', { level: 1, name: 'Revisar el clasificador' }).waitFor();
  const text = page.locator('.revision-texto');
  await text.waitFor();
  const before = await waiting('siac');
  const first = await text.innerText();
  await page.keyboard.press('l');
  await page.getByText('Falta elegir la clase.').first().waitFor();
  await page.keyboard.press('2');
  await page.keyboard.press('l');
  await page.getByText('Falta elegir la urgencia.').first().waitFor();
  assert.equal(await page.getByRole('button', { name: /^2?\s*Reclamo/ }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('a');
  await page.keyboard.press('l');
  await until('the next text', async () => (await text.innerText()) !== first);
  await until('the focus on it', async () => (await focused(page)) === 'mensaje-por-revisar');
  assert.equal((await waiting('siac')).length, before.length - 1);
  const second = await text.innerText();
  await page.keyboard.press('u');
  await until('the text again', async () => (await text.innerText()) === first);
  assert.equal((await waiting('siac')).length, before.length);
  await page.keyboard.press('j');
  await until('the one behind it', async () => (await text.innerText()) === second);
  await page.getByRole('button', { name: /Consulta/ }).click();
  await page.getByRole('button', { name: /Baja/ }).click();
  await page.getByRole('button', { name: 'Listo' }).click();
  await until('one less', async () => (await waiting('siac')).length === before.length - 1);
  await until('all that was answered', () => heard.length >= 4);
  for (const body of heard) assert.doesNotMatch(body, /"model"|"sure"|"margin":|"probabilities"|lineal|11\.111\.111|juanito|RS-20/);
  await assertQuiet(page, watch);
  await context.close();
});

test('somebody who was faster is told of, and the next text comes', async () => {
  const { page, watch, context } = await enter(browser, 'siac');
  await page.goto(`${base()}/revisar`);
  const text = page.locator('.revision-texto');
  await text.waitFor();
  const first = await text.innerText();
  await page.route('**/api/v1/labelling/*', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', json: { title: 'Este mensaje ya no espera', detail: 'Otra persona ya revisó este mensaje.', status: 409 } }));
  await page.keyboard.press('3');
  await page.keyboard.press('b');
  await page.keyboard.press('l');
  await page.getByRole('alert').getByText('Otra persona ya revisó este mensaje.').waitFor();
  await until('the next text', async () => (await text.innerText()) !== first);
  await page.unrouteAll({ behavior: 'wait' });
  await assertQuiet(page, watch, /409/);
  await context.close();
});

test('the figures say what to do, and can be kept as files without anybody’s data', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.getByRole('link', { name: 'Clasificador' }).click();
  await page.getByRole('heading', { level: 1, name: 'Cómo le va al clasificador' }).waitFor();
  await page.locator('.cifra').filter({ hasText: 'Correcciones' }).filter({ hasText: '1 de 1 (100 %' }).waitFor();
  assert.equal(await page.locator('.cifra').count(), 5);
  assert.equal(await page.locator('.cifra', { hasText: 'Qué hacer:' }).count(), 5);
  await page.locator('.cifras-redes').filter({ hasText: 'Facebook' }).waitFor();
  await page.getByLabel('Período').selectOption('7');
  await page.locator('.cifra').first().waitFor();
  const kept = async (name) => {
    const waits = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    return readFileSync(await (await waits).path(), 'utf8');
  };
  assert.match(await kept('Descargar en CSV'), /^red,periodo,cifra,valor/);
  const taught = await kept('Descargar lo que enseña');
  assert.match(taught, /^network\tpublic\tintent/);
  assert.match(taught, /\t(sugerencia|reclamo|consulta)\t.*datorut/);
  assert.doesNotMatch(taught, /11\.111\.111|juanito/);
  assert.match(await kept('Descargar lo que mide'), /^network\tpublic\tintent/);
  await assertQuiet(page, watch);
  await context.close();
});

test('each role sees what is theirs', async () => {
  for (const [user, path, title] of [
    ['ejecutivo1', '/clasificador', 'Tu rol no ve esto'], ['oirs', '/revisar', 'Tu rol no ve esto'], ['ti', '/clasificador', 'Cómo le va al clasificador'],
    ['ti', '/revisar', 'Tu rol no ve esto'], ['denuncias', '/revisar', 'Revisar el clasificador'], ['denuncias', '/clasificador', 'Tu rol no ve esto'],
  ]) {
    const { page, watch, context } = await enter(browser, user);
    await page.goto(base() + path);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    const link = await page.getByRole('navigation', { name: 'Pantallas' }).getByRole('link', { name: 'Clasificador' }).count();
    assert.equal(link, ['ti', 'denuncias'].includes(user) ? 1 : 0, user);
    await assertQuiet(page, watch);
    await context.close();
  }
});

test('what fails says so and can be tried again', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  const problem = { title: 'Inténtalo de nuevo', detail: 'El servicio está ocupado. Nada se perdió.', status: 503 };
  for (const [path, call, ready] of [['/clasificador', '**/api/v1/reports/**', '.cifra'], ['/revisar', '**/api/v1/labelling', '.revision, .vacio']]) {
    await page.route(call, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem }));
    await page.goto(base() + path);
    await page.getByRole('alert').getByText('El servicio está ocupado').waitFor();
    await page.unroute(call);
    await page.getByRole('button', { name: 'Reintentar' }).click();
    await page.locator(ready).first().waitFor();
  }
  await assertQuiet(page, watch, /503/);
  await context.close();
});

/** Figures of a month in which everything is off, as the API would give them. */
const off = () => {
  const share = (count, of) => ({ count, of, rate: count / of, low: 0.2, high: 0.9 });
  const levels = { psi: 'actuar', desconocido: 'mirar', entropia: 'mirar', correcciones: 'actuar', ciega: 'actuar', sombra: 'mirar' };
  const f = {
    mentions: 12345, before: 11111, psi: 0.3141, unknown: { now: 0.31, before: 0.2 }, entropy: { now: 1.234, before: 0.9 }, corrected: share(123, 250), shadow: share(900, 1234),
    classes: ['denuncia', 'reclamo', 'consulta', 'sugerencia', 'felicitacion', 'spam'].map((intent, i) => ({ intent, count: 2000 + i, before: 1800 })),
    blind: { accuracy: share(90, 150), macroF1: 0.5432, confusion: { reclamo: { reclamo: 50, consulta: 22, felicitacion: 1 }, denuncia: { reclamo: 7 } } },
    weeks: ['2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23'].map((monday) => ({ monday, mentions: 3000, psi: 0.3, unknown: 0.3, entropy: 1.2, corrected: share(30, 60) })),
    findings: Object.entries(levels).map(([code, level]) => ({ code, level })),
  };
  const period = { from: '2026-11-02T03:00:00Z', to: '2026-11-30T03:00:00Z' };
  return {
    period, reference: { from: '2026-10-05T03:00:00Z', to: period.from }, models: ['lineal-2026-11-30-abcdef012345/n2'], shadows: ['lineal-2026-12-30-abcdef012345/n2'], total: f,
    networks: ['facebook', 'instagram', 'x', 'linkedin', 'whatsapp'].map((network) => ({ network, ...f })),
  };
};

const screens = {
  'las cifras': { path: '/clasificador', ready: '.cifra' },
  'las cifras, todo mal': { path: '/clasificador', ready: '.cifra.actuar', before: (page) => page.route('**/api/v1/reports/clasificador*', (route) => route.fulfill({ json: off() })) },
  'una red semana a semana': { path: '/clasificador', ready: '.cifra.actuar', before: (page) => page.route('**/api/v1/reports/clasificador*', (route) => route.fulfill({ json: off() })), then: (page) => page.locator('.cifras-redes summary').first().click() },
  'la bandeja': { path: '/revisar', ready: '.revision, .vacio', then: (page) => page.keyboard.press('1') },
  'la bandeja vacía': { path: '/revisar', ready: '.vacio', before: (page) => page.route('**/api/v1/labelling', (route) => route.fulfill({ json: { items: [] } })) },
};

const opens = async (page, screen) => {
  await page.unrouteAll({ behavior: 'wait' });
  await screen.before?.(page);
  await page.goto(base() + screen.path);
  await page.locator(screen.ready).first().waitFor();
};

for (const width of [1440, 320]) {
  for (const scheme of ['light', 'dark']) {
    test(`the screens about the classifier at ${width} px, ${scheme}: axe finds nothing and nothing scrolls sideways`, async () => {
      const { page, watch, context } = await enter(browser, 'siac', { width, scheme, reducedMotion: 'reduce' });
      const wrong = [];
      for (const [name, screen] of Object.entries(screens)) {
        await opens(page, screen);
        await screen.then?.(page);
        for (const v of await violations(page)) wrong.push(`${name}: ${v}`);
        for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
        if (process.env.GESTOR_SHOTS) await page.screenshot({ path: `${process.env.GESTOR_SHOTS}/${name.replaceAll(/[ ,]+/g, '-')}-${width}-${scheme}.png`, fullPage: true });
      }
      assert.deepEqual(wrong, []);
      await page.unrouteAll({ behavior: 'wait' });
      await assertQuiet(page, watch);
      await context.close();
    });
  }
}

test('the screens about the classifier with text twice as large lose nothing', async () => {
  const { page, context } = await enter(browser, 'siac', { width: 640, height: 800 });
  const wrong = [];
  for (const [name, screen] of Object.entries(screens)) {
    await opens(page, screen);
    await larger(page);
    for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
    for (const one of await clipped(page)) wrong.push(`${name}: ${one} is cut`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});
