/** What citizens write stays text, what may not be seen is not shown, and the page weighs what it may. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { assertQuiet, base, enter, launch, login, newPage, openCase } from './browser.mjs';
import { act, api, arrive, caseOf, mark, sent, write } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const payloads = [
  '<script>window.__broken = 1; alert(1)</script>',
  '<img src=x onerror="window.__broken = 1; alert(1)">',
  '"><svg onload=alert(1)>',
  'javascript:alert(1) <a href="javascript:alert(1)">pincha</a>',
  '<style>*{display:none}</style><iframe src="https://ejemplo.invalid"></iframe>',
  '{{constructor.constructor("alert(1)")()}} ${alert(1)} &lt;b&gt;',
];

test('texts and names with markup stay text, in the list, the case and a reply', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  for (const payload of payloads) {
    const t = await arrive(`Hola, ¿qué curso hay? ${payload}`, { name: payload.slice(0, 60) });
    await act('supervisor', t.id, 'claim');
    await page.goto(`${base()}/?vista=todos&q=${t.word}`);
    const row = page.locator('.fila', { hasText: t.word });
    await row.waitFor();
    await row.locator('a').click();
    await page.locator('.de-persona .texto').waitFor();
    assert.ok((await page.locator('.de-persona .texto').innerText()).includes(payload.replaceAll(/\s+/g, ' ').slice(0, 30)), payload);
    assert.equal((await page.locator('.caso-quien .persona').innerText()).trim(), payload.slice(0, 60).trim());
    assert.equal(await page.locator('.caso :is(script, iframe, img, style, [onload], [onerror])').count(), 0);
    assert.equal(await page.locator('a[href^="javascript:" i]').count(), 0);
  }
  await page.locator('#redactor').fill(payloads[0]);
  await page.keyboard.press('Control+Enter');
  await page.locator('.nuestro .texto').waitFor();
  assert.equal(await page.locator('.nuestro .texto').innerText(), payloads[0]);
  assert.equal(await page.evaluate(() => window.__broken), undefined);
  await assertQuiet(page, watch);
  await context.close();
});

test('attachments are plain links that tell nobody where one comes from, and only to the web', async () => {
  const t = await arrive('Hola, ¿hay cursos de torno?');
  const { page, watch, context } = await enter(browser, 'supervisor');
  // The simulated network sends none yet: the answer is given some.
  await page.route(`**/api/v1/tickets/${t.id}`, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.mentions[0].attachments = [{ type: 'image', url: 'https://ejemplo.invalid/a.jpg' }, { type: 'file', url: 'javascript:alert(1)' }, { type: 'video' }];
    await route.fulfill({ response, json: body });
  });
  await openCase(page, t.id);
  const links = page.locator('.adjuntos a');
  await links.first().waitFor();
  assert.equal(await links.count(), 1);
  assert.equal(await links.first().getAttribute('href'), 'https://ejemplo.invalid/a.jpg');
  assert.match(await links.first().getAttribute('rel'), /noreferrer/);
  assert.equal(await page.locator('.caso img').count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('long words, other scripts and controls of direction break nothing around them', async () => {
  const name = 'مستخدم وهمي \u202e👩‍👩‍👧‍👦';
  const t = await arrive(`Hola ${'W'.repeat(900)} \u202eדוגמה בדויה\u202c ${'😀'.repeat(60)} ${'línea\n'.repeat(40)}`, { name });
  const { page, watch, context } = await enter(browser, 'supervisor', { width: 320, height: 640 });
  await openCase(page, t.id);
  await page.locator('.texto').first().waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'the case scrolls sideways');
  await page.goto(`${base()}/?vista=todos&q=${t.word}`);
  await page.locator('.fila', { hasText: '😀' }).or(page.locator('.fila')).first().waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'the list scrolls sideways');
  await assertQuiet(page, watch);
  await context.close();
});

test('personal data in a reply is warned of, and the service refuses it all the same', async () => {
  const t = await arrive('Hola, ¿hay cursos de carpintería?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  const box = page.locator('#redactor');
  const warned = async (text) => {
    await box.fill(text);
    return page.locator('#avisos-redactor').innerText();
  };
  assert.match(await warned('Tu RUT 12.345.678-5 figura'), /un RUT/);
  assert.match(await warned('Tu RUT 11111111-1'), /un RUT/);
  assert.match(await warned('Llama al +56 9 1234 5678.'), /un teléfono/);
  assert.match(await warned('Escribe a persona@ejemplo.com'), /un correo/);
  for (const fine of ['Ley 19.880, plazo 20 días', 'Folio 2026-0001234', 'Son $12.345.678 en total', 'Llama al 600 801 0101', 'Escribe a buzon@sence.gob.cl', 'Caso RS-2026-0001234-5']) {
    assert.equal(await warned(fine), '', fine);
  }
  await box.fill('Escribe a persona@ejemplo.com');
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.waitForFunction(() => document.activeElement?.id === 'corregir-texto');
  await page.getByRole('button', { name: 'Enviar igual' }).click();
  await page.locator('.redaccion .aviso.malo', { hasText: 'datos personales' }).waitFor();
  assert.equal(await box.inputValue(), 'Escribe a persona@ejemplo.com');
  assert.equal((await sent()).filter((s) => s.text.includes('persona@ejemplo.com')).length, 0);
  await assertQuiet(page, watch, /422/);
  await context.close();
});

test('personal data of citizens is hidden from who does not hold the case', async () => {
  const t = await arrive('Hola, mi RUT es 12.345.678-5, ¿qué cursos hay?');
  const { page, watch, context } = await enter(browser, 'ejecutivo2');
  await page.goto(`${base()}/?vista=todos&q=${t.word}`);
  const row = page.locator('.fila', { hasText: '[rut]' });
  await row.waitFor();
  await row.locator('a').click();
  await page.locator('.texto', { hasText: '[rut]' }).waitFor();
  assert.ok(!(await page.content()).includes('12.345.678-5'));
  await page.getByRole('button', { name: 'Tomar el caso' }).click();
  await page.locator('.texto', { hasText: '12.345.678-5' }).waitFor();
  // The list never holds it, neither beside the case nor read anew.
  assert.ok(!(await page.locator('.filas').innerText()).includes('12.345.678-5'));
  await page.goto(`${base()}/?vista=mios&q=${t.word}`);
  await page.locator('.fila', { hasText: '[rut]' }).waitFor();
  assert.ok(!(await page.locator('.filas').innerText()).includes('12.345.678-5'));
  await assertQuiet(page, watch);
  await context.close();
});

test('a denuncia is seen by who answers for them and by nobody else', async () => {
  const text = 'Mi jefe me pide plata para inscribirme en el curso, es una estafa y quiero denunciar';
  const word = mark('marca');
  await write(`${text} ${word}`);
  const t = await caseOf(word, 'denuncias', 'restricted');
  assert.equal((await api('supervisor', `/tickets?view=all&q=${word}`)).items.length, 0);
  const seat = await enter(browser, 'denuncias');
  await seat.page.getByRole('heading', { level: 1, name: 'Denuncias' }).waitFor();
  // Their doors are their own queue and the matters of it, not the queue of the others nor what nobody understood.
  assert.deepEqual(await seat.page.getByRole('navigation', { name: 'Vistas' }).getByRole('link').allInnerTexts(), ['Denuncias', 'Míos', 'Todos']);
  assert.deepEqual(await seat.page.getByRole('navigation', { name: 'Pantallas' }).getByRole('link').allInnerTexts(), ['Bandeja', 'Atención', 'Clasificador']);
  const row = seat.page.locator('.fila', { hasText: word });
  await row.waitFor();
  await row.locator('a').click();
  await seat.page.getByText('No va a SIAC').waitFor();
  await assertQuiet(seat.page, seat.watch);
  await seat.context.close();
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/casos/${t.id}`);
  await page.getByRole('heading', { name: 'No puedes ver este caso' }).waitFor();
  assert.ok(!(await page.content()).includes(word));
  await assertQuiet(page, watch, /404/);
  await context.close();
});

test('a case that becomes a denuncia disappears from who made it one', async () => {
  const t = await arrive('Hola, ¿hay cursos de bodega?');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/?q=${t.word}`);
  await page.locator('.fila a').click();
  await page.locator('#corregir').click();
  await page.getByRole('radio', { name: /^Denuncia/ }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Guardar' }).click();
  await page.getByRole('heading', { name: 'No puedes ver este caso' }).waitFor();
  await page.getByText('Ya no puedes ver este caso.').waitFor();
  assert.equal(await page.locator('main', { hasText: t.word }).count(), 0);
  await assertQuiet(page, watch, /404/);
  await context.close();
});

test('the first visit loads scripts and one style of ours, under their limits, and nothing else', async () => {
  const page = await (await fetch(`${base()}/`)).text();
  const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1]);
  assert.ok(assets.every((a) => /^\/assets\/[a-z]+-([0-9a-f]{12}\.(css|svg)|[0-9A-Z]{8}\.js)$/.test(a)), assets.join());
  const limits = { js: 50_000, css: 12_000 };
  for (const [kind, limit] of Object.entries(limits)) {
    const found = assets.filter((a) => a.endsWith(`.${kind}`));
    if (kind === 'css') assert.equal(found.length, 1);
    let weight = 0;
    for (const asset of found) {
      const answer = await fetch(base() + asset, { headers: { 'Accept-Encoding': 'identity' } });
      assert.match(answer.headers.get('cache-control'), /immutable/);
      weight += gzipSync(Buffer.from(await answer.arrayBuffer()), { level: 9 }).length;
      const packed = await fetch(base() + asset, { headers: { 'Accept-Encoding': 'br' } });
      assert.equal(packed.headers.get('content-encoding'), 'br');
    }
    assert.ok(weight > 0 && weight <= limit, `${kind} weighs ${weight}`);
  }
  // What the page names is all that a first visit loads.
  const { page: visited, watch, context } = await newPage(browser);
  const loaded = new Set();
  visited.on('request', (request) => new URL(request.url()).pathname.endsWith('.js') && loaded.add(new URL(request.url()).pathname));
  await login(visited, 'supervisor');
  await visited.locator('.fila, .vacio').first().waitFor();
  assert.deepEqual([...loaded].filter((one) => !assets.includes(one)), []);
  // And a screen that is opened now and then fetches what it needs; one that cannot come says what to do.
  await visited.route('**/assets/screens-*.js', (route) => route.abort());
  await visited.goto(`${base()}/calendario`);
  await visited.getByRole('heading', { level: 1, name: 'No pudimos cargar esta pantalla' }).waitFor();
  await visited.unroute('**/assets/screens-*.js');
  await visited.getByRole('button', { name: 'Cargar la página de nuevo' }).click();
  await visited.getByRole('heading', { level: 1, name: 'Calendario' }).waitFor();
  await assertQuiet(visited, watch, /ERR_FAILED/);
  await context.close();
  const policy = (await fetch(`${base()}/`)).headers.get('content-security-policy');
  for (const weak of ['unsafe-inline', 'unsafe-eval', '*']) assert.ok(!policy.includes(weak), policy);
  assert.ok(!/<script(?![^>]* src=)|style=|<style/.test(page), 'something is inline');
  assert.ok(!/https?:/.test(page.replace(/xmlns="[^"]*"/g, '')), 'the page names another address');
});
