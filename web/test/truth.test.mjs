/** What the console says of time, of people and of what can be taken back is what the service knows. It moves the clock of
 * the service, so it has a system of its own. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch, newPage, login, openCase, sim } from './browser.mjs';
import { act, api, arrive, caseOf, clearFaults, fault, mark, siacCases, until } from './citizen.mjs';
import { start } from './system.mjs';

const secret = 'secreto-de-prueba';
let system, browser;
before(async () => {
  system = await start({ GESTOR_ESCALATE_UNDO: '7s', GESTOR_META_APP_SECRET: secret });
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

const seconds = async (button) => Number((await button.innerText()).match(/\((\d+)\)/)[1]);

for (const [name, minutes] of [['an hour fast', 60], ['an hour slow', -60]]) {
  test(`a browser whose clock is ${name} counts down by the service's`, async () => {
    const t = await arrive('Hola, ¿hay cursos de cocina?');
    await act('ejecutivo1', t.id, 'claim');
    const { page, watch, context } = await newPage(browser);
    await page.addInitScript((wrong) => {
      const real = Date.now.bind(Date);
      Date.now = () => real() + wrong;
    }, minutes * 60_000);
    await login(page, 'ejecutivo1', `/casos/${t.id}`);
    await page.locator('#redactor').fill('Sí, hay cursos de cocina.');
    await page.getByRole('button', { name: 'Responder' }).click();
    const undo = page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ });
    await undo.waitFor();
    const left = await seconds(undo);
    assert.ok(left > 0 && left <= 10, `${left} s`);
    await undo.click();
    await page.locator('.nuestro .desenlace', { hasText: 'Deshecha' }).waitFor();
    await page.locator('.de-persona time', { hasText: /^(recién|hace \d min)$/ }).waitFor();
    await assertQuiet(page, watch);
    await context.close();
  });
}

test('the window of an escalation is the one the service tells, and undo says what it undoes', async () => {
  const t = await arrive('Hola, ¿qué documentos necesito para postular?');
  await act('ejecutivo1', t.id, 'claim');
  assert.equal((await api('ejecutivo1', `/tickets/${t.id}`)).may.escalate.undoSeconds, 7);
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.locator('#enviar-siac').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Podrás deshacerlo durante 7 segundos.').waitFor();
  await dialog.getByRole('button', { name: 'Enviar a SIAC' }).click();
  await page.getByRole('button', { name: /^Deshacer envío a SIAC \([1-7]\)$/ }).waitFor();
  // A reply on its way goes first.
  await act('ejecutivo1', t.id, 'reply', { visibility: 'public', text: 'Cédula y certificado.', undoSeconds: 60 });
  assert.equal((await api('ejecutivo1', `/tickets/${t.id}`)).may.undo.what, 'reply');
  const undo = page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ });
  await undo.waitFor();
  assert.equal(await page.locator('#deshacer-siac').count(), 0);
  await undo.click();
  await page.locator('[role=status]', { hasText: 'Deshiciste la respuesta.' }).waitFor({ state: 'attached' });
  await assertQuiet(page, watch);
  await context.close();
});

test('the bitácora names people, also those who no longer have to do with the case', async () => {
  const t = await arrive('Hola, ¿hay cursos de costura?');
  await act('ejecutivo2', t.id, 'claim');
  await act('ejecutivo2', t.id, 'release');
  const { events } = await api('supervisor', `/tickets/${t.id}`);
  const { actor, actorName } = events.find((e) => e.kind === 'ticket.released');
  assert.ok(actorName && actorName !== actor, `${actor} is called ${actorName}`);
  const { page, watch, context } = await enter(browser, 'supervisor');
  await openCase(page, t.id);
  await page.locator('.ficha', { hasText: 'Historia' }).locator('summary').click();
  await page.locator('.historia li', { hasText: `${actorName} devolvió el caso a la cola` }).waitFor();
  assert.ok(!(await page.locator('.historia').innerText()).includes(actor));
  await assertQuiet(page, watch);
  await context.close();
});

test('the term of what is older than the holidays we know counts from when we received it, and says so', async () => {
  const word = mark('antiguo');
  await hear({
    item: 'comment', verb: 'add', comment_id: '100000000000001_2016', post_id: '100000000000001_1', parent_id: '100000000000001_1',
    from: { id: '55550001', name: 'Persona Ficticia Antigua' }, created_time: 1460111843, message: `${word}. Hola, ¿cuándo pagan el bono?`,
  });
  const { id } = await caseOf(word);
  const { page, watch, context } = await enter(browser, 'supervisor');
  await openCase(page, id);
  const term = page.locator('.ficha', { hasText: 'Plazo' });
  await term.getByText(/3 días hábiles desde .*, cuando lo recibimos\./).waitFor();
  await term.getByText('Escribió el vie 8-abr-2016.').waitFor();
  await page.locator('.datos', { hasText: /Escribió\s*vie 8-abr-2016.*\s*Recibido/ }).waitFor();
  const fresh = await arrive('Hola, ¿cuándo pagan el bono?');
  await openCase(page, fresh.id);
  await term.getByText(/3 días hábiles desde .*, cuando escribió\./).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('a case that SIAC perhaps has is looked for again by whom the key asks, and not filed twice', async () => {
  const t = await doubtful();
  const { page, watch, context } = await enter(browser, 'supervisor');
  await openCase(page, t.id);
  await page.getByText('lo estamos buscando').waitFor();
  assert.equal(await page.locator('#enviar-siac').count(), 0);
  // A day later nobody looks any more. The page hears of the service's clock and of the end of the search.
  await tick(25 * 3600);
  const search = page.getByRole('button', { name: 'Buscar de nuevo en SIAC' });
  await search.waitFor({ timeout: 60_000 });
  // In the last hour of a day, 25 hours later is the day after tomorrow.
  await page.locator('.de-persona time', { hasText: /ayer|hace [12] días/ }).waitFor({ timeout: 60_000 });
  await clearFaults();
  await page.locator('#titulo-caso').focus();
  await page.keyboard.press('e');
  await page.locator('.folio').waitFor({ timeout: 60_000 });
  assert.equal((await siacCases()).filter((c) => c.ref_externa === t.number).length, 1);
  await page.locator('.ficha', { hasText: 'Historia' }).locator('summary').click();
  await page.getByText('pidió buscar el caso de nuevo en SIAC').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

/** A case of which nobody knows whether SIAC has it, because its answer was lost and it now is down. The first look finds it
 * after two seconds, which a busy machine can miss: then another case has to do. */
async function doubtful() {
  const stateOf = async (id) => (await api('supervisor', `/tickets/${id}`)).siac.state;
  for (let attempt = 1; attempt <= 5; attempt++) {
    const t = await arrive('Hola, ¿dónde veo mi postulación?');
    await fault('siac', 'apply_then_500'); // every write: what other cases file must not use it up
    await act('supervisor', t.id, 'escalate');
    await until('the doubt, or its end', async () => ['unknown', 'filed'].includes(await stateOf(t.id)));
    await clearFaults();
    await fault('siac', 'down');
    if ((await stateOf(t.id)) === 'unknown') return t;
    await clearFaults();
  }
  throw new Error('the doubt was never seen');
}

/** Moves the clock of the service ahead. */
async function tick(ahead) {
  const { at } = await (await fetch(`${sim()}/sim/clock`)).json();
  const to = new Date(Date.parse(at) + ahead * 1000).toISOString();
  const answer = await fetch(`${base()}/local/tick`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ at: to }) });
  assert.equal(answer.status, 200, await answer.text());
}

/** A delivery of Facebook about its page, signed as the local system wants it. */
async function hear(value) {
  const body = JSON.stringify({ object: 'page', entry: [{ id: '100000000000001', time: value.created_time, changes: [{ field: 'feed', value }] }] });
  const answer = await fetch(`${base()}/webhooks/facebook`, {
    method: 'POST', body, headers: { 'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` },
  });
  assert.equal(answer.status, 200);
}
