/** A day at the desk: sign in, find what a citizen wrote, answer it, and what happens when two people do it at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch, login, newPage, openCase, quietFeed } from './browser.mjs';
import { act, api, arrive, caseOf, mark, sent, until, write } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const visit = (user, options) => enter(browser, user, options);

test('signing in comes back to the place that was asked for, and signing out ends it', async () => {
  const { page, watch, context } = await newPage(browser);
  await login(page, 'supervisor', '/?vista=todos&clase=consulta');
  assert.equal(page.url(), `${base()}/?vista=todos&clase=consulta`);
  await page.getByRole('heading', { level: 1, name: 'Todos los casos' }).waitFor();
  assert.ok(await page.evaluate(() => sessionStorage.getItem('gestor.token')));
  await page.getByRole('button', { name: 'Salir' }).click();
  await page.getByRole('heading', { name: 'Saliste de la consola' }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('gestor.token')), null);
  await page.getByRole('button', { name: 'Ingresar' }).click();
  await page.getByRole('heading', { name: 'Elige con quién ingresar' }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('a session that ends is begun anew at the same case, with the draft', async () => {
  const t = await arrive('Hola, ¿qué cursos hay?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await visit('ejecutivo1');
  await openCase(page, t.id);
  await page.locator('#redactor').fill('Este texto no se pierde');
  await page.route('**/api/v1/**', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.getByRole('heading', { name: 'Tu sesión terminó' }).waitFor();
  await page.unroute('**/api/v1/**');
  await page.getByRole('button', { name: 'Ingresar de nuevo' }).click();
  await page.locator('button[value="ejecutivo1"]').click();
  await page.getByRole('heading', { level: 1, name: /^Caso RS-/ }).waitFor();
  assert.equal(await page.locator('#redactor').inputValue(), 'Este texto no se pierde');
  await assertQuiet(page, watch, /401/);
  await context.close();
});

test('a comment appears in the queue by itself, behind a button; it is claimed, answered, and seen on the network', async () => {
  const { page, watch, context } = await visit('ejecutivo1');
  await page.locator('.filas').waitFor();
  const before = await page.locator('.fila').count();
  const t = await arrive('Hola, ¿dónde veo los requisitos del curso?', { name: 'Rosa Ficticia' });
  const fresh = page.getByRole('button', { name: /^\d+ nuevos?$/ });
  await fresh.waitFor({ timeout: 40_000 });
  assert.equal(await page.locator('.fila').count(), before, 'the list moved by itself');
  await fresh.click();
  const row = page.locator('.fila', { hasText: t.word });
  await row.getByText('Rosa Ficticia').waitFor();
  assert.match(await row.innerText(), /Facebook[\s\S]*Consulta[\s\S]*queda[\s\S]*Rosa Ficticia[\s\S]*(recién|hace)/);
  await row.locator('a').click();
  await page.getByRole('button', { name: 'Tomar el caso' }).click();
  const text = `Hola. Los requisitos están en el sitio de SENCE. ${t.word}`;
  await page.locator('#redactor').fill(text);
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ }).waitFor();
  assert.equal(await page.locator('#redactor').inputValue(), '');
  await page.locator('.nuestro .desenlace', { hasText: 'Enviada' }).waitFor({ timeout: 60_000 });
  assert.equal((await sent()).filter((s) => s.text === text).length, 1);
  await page.getByText('Respondido', { exact: true }).first().waitFor();
  // Closing leaves for the list, with the focus on a case.
  await page.getByRole('button', { name: 'Cerrar caso' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cerrar caso' }).click();
  await until('the case to be closed', async () => (await api('supervisor', `/tickets/${t.id}`)).state === 'cerrado');
  await page.locator('.panel-vacio').waitFor();
  await page.waitForFunction(() => document.activeElement?.id.startsWith('caso-') || document.activeElement?.id === 'titulo');
  await assertQuiet(page, watch);
  await context.close();
});

test('a reply is undone within its ten seconds: nothing leaves and the text comes back', async () => {
  const t = await arrive('Hola, ¿hay cupos?');
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await visit('ejecutivo1');
  await openCase(page, t.id);
  const text = `Sí, quedan cupos ${t.word}`;
  await page.locator('#redactor').fill(text);
  await page.keyboard.press('Control+Enter');
  const undo = page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ });
  await undo.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'deshacer-respuesta');
  await undo.click();
  await page.waitForFunction((want) => document.querySelector('#redactor')?.value === want, text);
  await page.locator('.nuestro .desenlace', { hasText: 'Deshecha' }).waitFor();
  assert.equal((await api('ejecutivo1', `/tickets/${t.id}`)).replies.at(-1).state, 'cancelled');
  assert.equal((await sent()).filter((s) => s.text === text).length, 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('two people claim one case: one has it, the other is told who', async () => {
  const t = await arrive('Hola, ¿cuándo empieza el curso?');
  const seats = await Promise.all([visit('ejecutivo1'), visit('ejecutivo2')]);
  for (const { page } of seats) {
    await quietFeed(page);
    await openCase(page, t.id);
    await page.getByRole('button', { name: 'Tomar el caso' }).waitFor();
  }
  await Promise.all(seats.map(({ page }) => page.getByRole('button', { name: 'Tomar el caso' }).click()));
  const now = await until('the case to be claimed', async () => {
    const found = await api('supervisor', `/tickets/${t.id}`);
    return found.assignee && found;
  });
  const loser = seats[now.assignee === 'ejecutivo1' ? 1 : 0];
  const winner = seats[now.assignee === 'ejecutivo1' ? 0 : 1];
  await winner.page.getByText('Lo tienes tú').first().waitFor();
  await loser.page.getByRole('alert').filter({ hasText: now.assigneeName }).waitFor();
  await loser.page.locator('.caso-quien', { hasText: `Lo tiene ${now.assigneeName}` }).waitFor();
  const claims = now.events.filter((e) => e.kind === 'ticket.claimed');
  assert.equal(claims.length, 1);
  for (const { page, watch, context } of seats) {
    await assertQuiet(page, watch, /409/);
    await context.close();
  }
});

test('what moved in nothing that a person looks at, as when an answer is read, stops nobody', async () => {
  const t = await arrive('Hola, ¿hay cursos de costura?');
  const { page, watch, context } = await visit('ejecutivo1');
  await quietFeed(page);
  await openCase(page, t.id);
  const versions = [];
  await page.route('**/api/v1/tickets/*/claim', (route) => {
    const order = route.request().postDataJSON();
    versions.push(order.version);
    // The first time as if the case had moved between what was seen and the click.
    return route.continue(versions.length === 1 ? { postData: JSON.stringify({ ...order, version: order.version + 1 }) } : {});
  });
  await page.getByRole('button', { name: 'Tomar el caso' }).click();
  await page.getByText('Lo tienes tú').first().waitFor();
  assert.equal(versions.length, 2);
  assert.equal(await page.locator('.aviso.cambio').count(), 0);
  await assertQuiet(page, watch, /409/);
  await context.close();
});

test('a reply to a case that moved is refused once, with what changed, and keeps its text', async () => {
  const author = mark('ficticia');
  const first = await arrive('Hola, ¿hay cursos de cocina?', { author });
  await act('ejecutivo1', first.id, 'claim');
  const { page, watch, context } = await visit('ejecutivo1');
  await quietFeed(page);
  await openCase(page, first.id);
  const text = `Sí, hay cursos de cocina ${first.word}`;
  await page.locator('#redactor').fill(text);
  const more = mark('ademas');
  const { mentions } = await api('ejecutivo1', `/tickets/${first.id}`);
  await write(`Y también de repostería ${more}`, { author, thread: mentions[0].id });
  await until('the second message', async () => (await api('ejecutivo1', `/tickets/${first.id}`)).mentions.length === 2);
  await page.getByRole('button', { name: 'Responder' }).click();
  const told = page.locator('.redaccion .aviso.cambio');
  await told.getByText('La persona escribió un mensaje nuevo.').waitFor();
  assert.equal(await page.locator('#redactor').inputValue(), text);
  await page.getByText(more).first().waitFor();
  assert.equal((await api('ejecutivo1', `/tickets/${first.id}`)).replies.length, 0);
  // The first try now asks, the second sends.
  await page.getByRole('button', { name: 'Responder' }).click();
  await page.getByRole('button', { name: 'Enviar igual' }).click();
  await page.getByRole('button', { name: /^Deshacer respuesta \(\d+\)$/ }).waitFor();
  await assertQuiet(page, watch, /409/);
  await context.close();
});

test('who is writing is told when the person writes more, before sending', async () => {
  const author = mark('ficticia');
  const t = await arrive('Hola, ¿hay cursos de costura?', { author });
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await visit('ejecutivo1');
  await openCase(page, t.id);
  await page.locator('#redactor').fill('Sí, hay cursos de costura');
  const { mentions } = await api('ejecutivo1', `/tickets/${t.id}`);
  await write('Ya no me interesa, gracias', { author, thread: mentions[0].id });
  await page.locator('.redaccion .aviso.cambio', { hasText: 'La persona escribió un mensaje nuevo.' }).waitFor({ timeout: 40_000 });
  assert.equal(await page.locator('#redactor').inputValue(), 'Sí, hay cursos de costura');
  await assertQuiet(page, watch);
  await context.close();
});

test('a case that somebody takes stays in its place in the list and says so', async () => {
  const t = await arrive('Hola, ¿me pueden orientar con un curso?');
  const { page, watch, context } = await visit('ejecutivo1');
  const row = page.locator('.fila', { hasText: t.word });
  await row.waitFor();
  const before = await page.locator('.fila a').evaluateAll((all) => all.map((a) => a.id));
  await act('ejecutivo2', t.id, 'claim');
  await row.getByText('Lo tiene Emilio Ejemplo').waitFor({ timeout: 40_000 });
  await row.getByText('ya no está en esta vista').waitFor();
  const now = await page.locator('.fila a').evaluateAll((all) => all.map((a) => a.id));
  assert.deepEqual(now.slice(0, before.length), before);
  await page.getByRole('button', { name: /^Actualizar|nuevos?$/ }).click();
  await row.waitFor({ state: 'detached' });
  await assertQuiet(page, watch);
  await context.close();
});

test('what the person edits and deletes is marked', async () => {
  const author = mark('ficticia');
  const word = mark('marca');
  const { id } = await write(`Hola, ¿hay cursos de riego? ${word}`, { author });
  const t = await caseOf(word);
  const { page, watch, context } = await visit('supervisor');
  await openCase(page, t.id);
  const url = `${process.env.GESTOR_TEST_SIM}/sim/facebook/messages/${id}`;
  const change = (method, body) => fetch(url, { method, headers: { 'Content-Type': 'application/json' }, body });
  assert.equal((await change('PATCH', JSON.stringify({ text: `Hola, ¿hay cursos de poda? ${word}` }))).status, 200);
  await page.getByText('Editado').waitFor({ timeout: 40_000 });
  await page.locator('.texto', { hasText: 'cursos de poda' }).waitFor();
  assert.equal((await change('DELETE')).status, 200);
  await page.getByText('La persona borró este mensaje en Facebook.').waitFor({ timeout: 40_000 });
  assert.equal(await page.locator('.texto', { hasText: 'poda' }).count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});
