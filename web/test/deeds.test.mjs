/** What is done with single texts: hidden, liked, taken away, and answered elsewhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, enter, launch, openCase, sim } from './browser.mjs';
import { act, answerThere, api, arrive, caseOf, mark, sent, until, writeOn } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const menu = (page) => page.locator('.de-persona .menu summary').first();
const acts = async (id) => (await api('supervisor', `/tickets/${id}`)).mentions[0].acts ?? [];

test('a community manager proposes to hide, a supervisor approves, and the network hides it', async () => {
  const t = await arrive('¿Puede postular quien vive en calle Falsa 123? Su RUT es 12.345.678-5');
  await act('ejecutivo1', t.id, 'claim');
  const one = await enter(browser, 'ejecutivo1');
  await openCase(one.page, t.id);
  await menu(one.page).focus();
  await one.page.keyboard.press('Enter');
  await one.page.getByRole('button', { name: 'Proponer ocultar…' }).click();
  const dialog = one.page.getByRole('dialog', { name: 'Proponer ocultar' });
  await dialog.getByText('Lo decide tu supervisor o supervisora.').waitFor();
  await dialog.getByRole('button', { name: 'Proponer' }).click();
  await dialog.getByText('Elige un motivo.').waitFor();
  await dialog.getByRole('radio', { name: 'Muestra datos personales' }).check();
  await dialog.getByRole('button', { name: 'Proponer' }).click();
  await one.page.locator('.actos', { hasText: 'Tú propusiste ocultarlo: muestra datos personales' }).waitFor();
  assert.equal(await one.page.getByRole('button', { name: 'Aprobar' }).count(), 0);
  const two = await enter(browser, 'supervisor');
  await two.page.getByRole('link', { name: /Atención/ }).click();
  await two.page.locator('.asunto', { hasText: t.number }).getByRole('link', { name: /Abrir el caso/ }).click();
  await two.page.locator('.actos', { hasText: 'Elena Ejemplo propuso ocultarlo' }).waitFor();
  await two.page.getByRole('button', { name: 'Aprobar' }).click();
  await two.page.locator('.actos', { hasText: 'Se ocultará' }).getByRole('button', { name: /^Deshacer \(\d+\)$/ }).waitFor();
  await two.page.waitForFunction((id) => document.activeElement?.id.startsWith('deshacer-'), t.id);
  await two.page.locator('.actos', { hasText: /Oculto en la red: muestra datos personales\. Lo propuso Elena Ejemplo y lo aprobó Tú/ }).waitFor({ timeout: 60_000 });
  await two.page.locator('.de-persona .marca-texto', { hasText: 'Oculto en la red' }).waitFor();
  const network = await (await fetch(`${sim()}/facebook`)).text();
  assert.ok(!network.includes(t.word) || /ocult/i.test(network), 'the network still shows it');
  for (const { page, watch, context } of [one, two]) {
    await assertQuiet(page, watch);
    await context.close();
  }
});

test('what was decided by mistake is taken back in time, and nothing happens on the network', async () => {
  const t = await arrive('Hola, ¿hay cursos de peluquería canina?');
  const { page, watch, context } = await enter(browser, 'supervisor');
  await openCase(page, t.id);
  await menu(page).click();
  await page.getByRole('button', { name: 'Ocultar…' }).click();
  await page.getByRole('radio', { name: /spam/ }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Ocultar' }).click();
  await page.getByRole('button', { name: /^Deshacer \(\d+\)$/ }).click();
  await page.locator('.actos').waitFor({ state: 'detached' });
  assert.equal((await acts(t.id))[0].state, 'cancelled');
  await page.locator('.ficha', { hasText: 'Historia' }).locator('summary').click();
  await page.getByText('deshizo ocultar un mensaje').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('an answer of ours is taken away from the network only after its word was typed', async () => {
  const t = await arrive('Hola, ¿hay cursos de apicultura?');
  await act('ejecutivo1', t.id, 'claim');
  await act('ejecutivo1', t.id, 'reply', { visibility: 'public', text: `Sí, ${t.word}` });
  await until('the reply', async () => (await api('supervisor', `/tickets/${t.id}`)).replies[0]?.state === 'sent');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.locator('.nuestro .menu summary').click();
  await page.getByRole('button', { name: 'Borrar en Facebook…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Borrar en Facebook' });
  await dialog.getByRole('button', { name: 'Borrar' }).click();
  await dialog.getByText('Escribe «borrar» para confirmar.').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'confirmar-borrar');
  await page.keyboard.type('borrar');
  await page.keyboard.press('Enter');
  await page.locator('.nuestro .actos', { hasText: 'Borrada en la red' }).waitFor({ timeout: 60_000 });
  assert.equal((await sent()).filter((s) => s.text.includes(t.word)).length, 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('an answer that was given outside is written down; where the network tells it itself, there is no need', async () => {
  const facebook = await arrive('Hola, ¿hay cursos de cestería?');
  await act('ejecutivo1', facebook.id, 'claim');
  const word = mark('wa');
  await writeOn('whatsapp', `${word} Hola, ¿hay cursos de repostería?`, { kind: 'dm' });
  const t = await caseOf(word);
  await act('ejecutivo1', t.id, 'claim');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, facebook.id);
  await page.locator('#redactor').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Registrar una respuesta dada fuera' }).count(), 0);
  await openCase(page, t.id);
  await page.getByRole('button', { name: 'Registrar una respuesta dada fuera' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Registrar' }).click();
  await dialog.getByText('Escribe lo que respondiste.').first().waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'registrar-texto');
  await page.keyboard.type('La llamamos y le explicamos cómo postular.');
  await dialog.getByRole('button', { name: 'Registrar' }).click();
  await page.locator('.nuestro', { hasText: /registró Elena Ejemplo/ }).locator('.desenlace', { hasText: 'Dada fuera' }).waitFor();
  await page.locator('.caso-senas .estado', { hasText: 'Respondido' }).waitFor();
  await assertQuiet(page, watch, /422/);
  await context.close();
});

test('what the network itself tells of answers is shown: how far one came, and one that was given there', async () => {
  const word = mark('wa');
  await writeOn('whatsapp', `${word} Hola, ¿hay cursos de masajes?`, { kind: 'dm' });
  const t = await caseOf(word);
  await act('ejecutivo1', t.id, 'claim');
  await act('ejecutivo1', t.id, 'reply', { visibility: 'private', text: `Sí hay ${word}` });
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await openCase(page, t.id);
  await page.locator('.nuestro .desenlace', { hasText: /Entregado|Leído/ }).waitFor({ timeout: 60_000 });
  const f = await arrive('Hola, ¿hay cursos de tejido?');
  await answerThere(f.mentions[0].id, `Respuesta en la red ${f.word}`);
  await openCase(page, f.id);
  await page.locator('.nuestro', { hasText: 'respondió en la aplicación de la red' }).getByText(`Respuesta en la red ${f.word}`).waitFor({ timeout: 60_000 });
  await page.locator('.caso-senas .estado', { hasText: 'Respondido' }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});
