/** The screens of publishing for everybody: axe finds nothing, nothing scrolls sideways at 320 px or with text twice as large. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, base, enter, launch } from './browser.mjs';
import { account, ask, connect, mark, publication, wall } from './citizen.mjs';
import { clipped, larger, sideways, violations } from './looks.mjs';
import { start } from './system.mjs';

let browser, system;
const made = {};
before(async () => {
  system = await start();
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
  for (const network of ['facebook', 'x']) await connect(network, (await account(network)).account);
  const at = async (days) => ({ local: await wall(days * 1440 + 30), zone: 'America/Santiago' });
  const long = 'Se abrió la postulación al Subsidio Unificado al Empleo. Revisa los requisitos y postula en línea: https://www.sence.gob.cl/personas/subsidio-unificado-al-empleo #Capacítate';
  made.campaign = (await ask('supervisor', '/campaigns', { name: 'Subsidio Unificado 2027', goal: 'Que más personas postulen' })).id;
  made.draft = await publication('ejecutivo1', { text: long, networks: ['facebook', 'x'], variants: { x: { text: 'Corto para X' } }, campaign: made.campaign });
  made.planned = await publication('ejecutivo1', { text: long, networks: ['facebook', 'x'], publishAt: await at(1), variants: { x: { text: `Postula en sence.gob.cl ${mark('v')}` } }, campaign: made.campaign }, { approve: 'supervisor' });
  made.waiting = await publication('ejecutivo1', { text: `${long} ${mark('w')}`, publishAt: await at(2) }, { submit: true });
  made.own = await publication('supervisor', { text: `Propia ${mark('o')}.`, publishAt: await at(2) }, { submit: true });
  made.series = await publication('ejecutivo1', { text: `Serie ${mark('s')}.`, publishAt: await at(3), recurrence: { every: 'daily', count: 3 } });
  const cancelled = await publication('ejecutivo1', { text: `Cancelada ${mark('c')}.`, publishAt: await at(1) });
  await ask('ejecutivo1', `/posts/${cancelled.id}/cancel`, {});
});
after(async () => {
  await browser?.close();
  await system?.stop();
});

const day = (p) => p.publishAt.local.slice(0, 10);

/** name → where it is, and what makes it whole. */
const screens = () => ({
  'el mes': { path: `/calendario?vista=mes&dia=${day(made.planned)}`, ready: '.pub, .cal-cuenta' },
  'la semana': { path: `/calendario?vista=semana&dia=${day(made.planned)}`, ready: '.pub' },
  'la agenda': { path: `/calendario?vista=agenda&dia=${day(made.planned)}`, ready: '.pub' },
  'mover una publicación': { path: `/calendario?vista=agenda&dia=${day(made.planned)}`, ready: '.pub', then: moving },
  'una publicación nueva': { path: '/publicaciones/nueva', ready: '#campo-text', then: writing },
  'un borrador': { path: () => `/publicaciones/${made.draft.id}`, ready: '#campo-text-x' },
  'una programada': { path: () => `/publicaciones/${made.planned.id}`, ready: '.destinos' },
  'los borradores': { path: '/borradores', ready: '.pub' },
  'por aprobar': { path: '/aprobaciones', ready: '.ficha-pub' },
  'rechazar': { path: '/aprobaciones', ready: '.ficha-pub', then: rejecting },
  fallas: { path: '/fallas', ready: '.vacio, .ficha-pub' },
  'las campañas': { path: '/campanas', ready: '.ficha-pub' },
  'una campaña': { path: () => `/campanas/${made.campaign}`, ready: '.pub' },
  'la biblioteca': { path: '/biblioteca', ready: '.vacio, .archivos, .aviso', expected: /404/ },
});

async function moving(page) {
  await page.locator(`#pub-${made.planned.id}`).focus();
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
}

async function writing(page) {
  await page.getByLabel('Facebook').check();
  await page.getByLabel('Instagram').check();
  await page.getByLabel('X', { exact: true }).check();
  await page.locator('#campo-text').fill('Postule usted al subsidio. '.repeat(15));
  await page.getByRole('button', { name: 'Texto distinto para X' }).click();
  await page.locator('#campo-recurrence').selectOption('weekly');
  await page.keyboard.press('Control+Enter');
  await page.locator('[id^=error-]').first().waitFor();
  await page.locator('.hallazgos li').first().waitFor();
}

async function rejecting(page) {
  await page.keyboard.press('x');
  await page.getByRole('dialog').waitFor();
}

const opens = async (page, screen) => {
  await page.goto(base() + (typeof screen.path === 'function' ? screen.path() : screen.path));
  await page.locator(screen.ready).first().waitFor();
};

for (const width of [1440, 320]) {
  for (const scheme of ['light', 'dark']) {
    test(`every screen of publishing at ${width} px, ${scheme}: axe finds nothing and nothing scrolls sideways`, async () => {
      const { page, watch, context } = await enter(browser, 'supervisor', { width, scheme, reducedMotion: 'reduce' });
      const wrong = [];
      for (const [name, screen] of Object.entries(screens())) {
        await opens(page, screen);
        await screen.then?.(page);
        for (const v of await violations(page)) wrong.push(`${name}: ${v}`);
        for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
        if (process.env.GESTOR_SHOTS) await page.screenshot({ path: `${process.env.GESTOR_SHOTS}/${name.replaceAll(' ', '-')}-${width}-${scheme}.png` });
      }
      assert.deepEqual(wrong, []);
      await assertQuiet(page, watch, /404/);
      await context.close();
    });
  }
}

test('publishing with text twice as large loses nothing', async () => {
  const { page, context } = await enter(browser, 'supervisor', { width: 640, height: 800 });
  const wrong = [];
  for (const [name, screen] of Object.entries(screens())) {
    await opens(page, screen);
    await larger(page);
    await screen.then?.(page);
    for (const s of await sideways(page)) wrong.push(`${name}: ${s}`);
    for (const one of await clipped(page)) wrong.push(`${name}: ${one} is cut`);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});
