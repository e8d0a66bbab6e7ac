/** Every screen for everybody: axe finds nothing, nothing scrolls sideways at 320 px or with text twice as large. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch } from './browser.mjs';
import { clipped, larger, sideways, violations } from './looks.mjs';
import { act, api, arrive, ask, caseOf, clearFaults, fault, mark, until, writeOn } from './citizen.mjs';

let browser;
const cases = {};
before(async () => {
  browser = await launch();
  cases.waiting = await arrive('Hola, mi RUT es 12.345.678-5, ¿qué cursos hay?');
  cases.pending = await arrive('Llevo dos semanas llamando para que corrijan mi certificado.');
  cases.held = await arrive('Hola, ¿hay cursos de mecánica?');
  await arrive('Gana dinero desde casa haz clic aquí http://ejemplo.invalid promo');
  await arrive('Excelente curso, muchas gracias por todo');
  await arrive('Sugiero que abran cursos los sábados');
  await act('supervisor', cases.held.id, 'claim');
  await fault('whatsapp', 'status_failed');
  const word = mark('wa');
  await writeOn('whatsapp', `${word} Hola, ¿hay cursos de mecánica?`, { kind: 'dm' });
  cases.refused = await caseOf(word);
  await act('supervisor', cases.refused.id, 'claim');
  await act('supervisor', cases.refused.id, 'reply', { visibility: 'private', text: 'Sí, hay cursos de mecánica.' });
  await until('something that waits for a person', async () => (await api('supervisor', '/attention')).items.length > 0, 90);
  await clearFaults();
  cases.typed = await ask('supervisor', '/tickets', {
    network: 'instagram', visibility: 'public', name: 'Persona Ficticia', text: `${mark('mano')} Hola, ¿hay cursos en Aysén?`, link: 'https://instagram.com/p/1',
  });
  await act('supervisor', cases.typed.id, 'claim');
  await fetch(`${process.env.GESTOR_TEST_SIM}/sim/morning`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
});
after(async () => {
  await clearFaults();
  await browser?.close();
});

const dialog = (key) => async (page) => {
  await page.keyboard.press(key);
  await page.getByRole('dialog').waitFor();
};

/** name → where it is, and what makes it whole. */
const screens = () => ({
  'la cola': { path: '/', ready: '.fila' },
  'todos, con spam abierto': { path: '/?vista=todos&clase=spam', ready: '.fila' },
  'una lista vacía': { path: '/?q=nadaquetengaestapalabra', ready: '.vacio' },
  'un caso en espera': { path: `/casos/${cases.waiting.id}`, ready: '.mensaje' },
  'un caso pendiente de SIAC': { path: `/casos/${cases.pending.id}`, ready: '.mensaje', then: open },
  'un caso con respuesta rechazada': { path: `/casos/${cases.refused.id}`, ready: '.estado-refused' },
  'un caso que no se puede ver': { path: '/casos/no-existe', ready: '.vacio', expected: /404/ },
  'corregir la clase': { path: `/casos/${cases.held.id}`, ready: '.mensaje', then: dialog('t') },
  'enviar a SIAC': { path: `/casos/${cases.held.id}`, ready: '.mensaje', then: dialog('e') },
  'la ayuda': { path: '/', ready: '.fila', then: dialog('?') },
  'la advertencia del redactor': { path: `/casos/${cases.held.id}`, ready: '#redactor', then: warn },
  atención: { path: '/atencion', ready: '.asunto' },
  cuarentena: { path: '/cuarentena', ready: '.vacio, .asunto' },
  'los canales': { path: '/canales', ready: '.matriz', then: open },
  'conectar una cuenta': { path: '/canales', ready: '#conectar-x', then: connecting, expected: /422/ },
  'ingresar un caso a mano': { path: '/nuevo', ready: '#nuevo-network', then: wrongCase },
  'ocultar un comentario': { path: `/casos/${cases.waiting.id}`, ready: '.mensaje', then: hiding },
  'un caso ingresado a mano': { path: `/casos/${cases.typed.id}`, ready: '.mensaje', then: open },
  'registrar una respuesta': { path: `/casos/${cases.typed.id}`, ready: '.fuera', then: recording },
  'una dirección que no existe': { path: '/otra/cosa', ready: 'h1' },
});

async function open(page) {
  for (const summary of await page.locator('summary').all()) if (await summary.isVisible()) await summary.click();
}

/** The window in which an account is connected, with every field it has. */
async function connecting(page) {
  await page.locator('#conectar-x').click();
  await page.getByRole('radio', { name: /Pegar una clave/ }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Conectar', exact: true }).click();
  await page.locator('#conectar-error').waitFor();
}

async function wrongCase(page) {
  await page.getByRole('button', { name: 'Ingresar el caso' }).click();
  await page.locator('#error-network').waitFor();
}

async function hiding(page) {
  await page.locator('.de-persona .menu summary').first().click();
  await page.getByRole('button', { name: 'Ocultar…' }).click();
  await page.getByRole('dialog').waitFor();
}

async function recording(page) {
  await page.getByRole('button', { name: 'Registrar una respuesta dada fuera' }).click();
  await page.getByRole('dialog').waitFor();
}

async function warn(page) {
  await page.locator('#redactor').fill('Escribe a persona@ejemplo.com');
  await page.keyboard.press('Control+Enter');
  await page.locator('#corregir-texto').waitFor();
}

for (const width of [1440, 320]) {
  for (const scheme of ['light', 'dark']) {
    test(`every screen at ${width} px, ${scheme}: axe finds nothing and nothing scrolls sideways`, async () => {
      const { page, watch, context } = await enter(browser, 'supervisor', { width, scheme, reducedMotion: 'reduce' });
      const wrong = [];
      const expected = ['^$'];
      for (const [name, screen] of Object.entries(screens())) {
        await page.goto(base() + screen.path);
        await page.locator(screen.ready).first().waitFor();
        await screen.then?.(page);
        for (const v of await violations(page)) wrong.push(`${name}: ${v}`);
        for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
        if (screen.expected) expected.push(screen.expected.source);
      }
      assert.deepEqual(wrong, []);
      await assertQuiet(page, watch, new RegExp(expected.join('|')));
      await context.close();
    });
  }
}

test('text twice as large, and the spacing of WCAG 1.4.12, lose nothing', async () => {
  const { page, context } = await enter(browser, 'supervisor', { width: 640, height: 800 });
  const wrong = [];
  for (const [name, screen] of Object.entries(screens())) {
    await page.goto(base() + screen.path);
    await page.locator(screen.ready).first().waitFor();
    await larger(page);
    await screen.then?.(page);
    for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
    for (const one of await clipped(page)) wrong.push(`${name}: ${one} is cut`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test('printed, a case shows what was said and its history, without controls', async () => {
  const { page, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/casos/${cases.held.id}`);
  await page.locator('.mensaje').first().waitFor();
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.cabecera', '.lista', '.redaccion', '.acciones']) assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  for (const shown of ['h1', '.mensaje', '.historia']) assert.equal(await page.locator(shown).first().isVisible(), true, shown);
  await context.close();
});
