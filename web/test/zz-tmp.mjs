import { enter, launch, assertQuiet } from './browser.mjs';
import { start } from './system.mjs';
import { items } from '/tmp/f/channels.json.mjs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let system;
if (!process.env.GESTOR_TEST_URL) { system = await start({ GESTOR_ESCALATE_UNDO: '2s' }); process.env.GESTOR_TEST_URL = system.url; process.env.GESTOR_TEST_SIM = system.sim; console.log(system.url, system.sim); }
const browser = await launch();
const violations = async (page) => { await page.evaluate(axe); const f = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] })); return f.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`)); };
const sideways = (page) => page.evaluate(() => { const wide = document.documentElement.clientWidth; const found = document.documentElement.scrollWidth > wide ? ['page scrolls'] : []; for (const e of document.querySelectorAll('body *')) { if (e.closest('.oculto, .salto, option') || !e.checkVisibility()) continue; const { right, left, width } = e.getBoundingClientRect(); if (width > 0 && (right > wide + 1 || left < -1)) found.push(`${e.tagName}.${e.getAttribute('class') ?? ''} ${Math.round(right)}/${wide}`); } return found.slice(0, 3); });
try {
  for (const width of [1440, 320]) for (const scheme of ['light', 'dark']) {
    const { page, watch, context } = await enter(browser, 'supervisor', { width, scheme, reducedMotion: 'reduce' });
    await page.route(/\/api\/v1\/channels(\?|$)/, (r) => r.fulfill({ json: { items } }));
    const base = process.env.GESTOR_TEST_URL;
    await page.goto(base + '/canales'); await page.locator('.canal').first().waitFor();
    await page.waitForTimeout(300);
    console.log(width, scheme, 'canales', await violations(page), await sideways(page));
    await page.screenshot({ path: `/tmp/f/shots/canales-${width}-${scheme}.png`, fullPage: true });
    let step = { id: 'c1', network: 'facebook', method: 'oauth2', step: 'begun', expiresAt: new Date(Date.now() + 1.7e6).toISOString() };
    await page.route('**/channels/facebook/connect', (r) => r.fulfill({ status: 202, json: step }));
    await page.route('**/connections/c1', (r) => r.fulfill({ json: step }));
    await page.locator('#conectar-facebook').click(); await page.getByRole('dialog').waitFor();
    console.log('  explica', await violations(page), await sideways(page));
    await page.screenshot({ path: `/tmp/f/shots/conectar1-${width}-${scheme}.png` });
    await page.getByRole('button', { name: 'Empezar' }).click(); await page.getByText('Preparando la dirección').waitFor();
    step = { ...step, url: 'https://www.facebook.com/dialog?state=c1' };
    await page.getByRole('link', { name: /Abrir Facebook/ }).waitFor();
    console.log('  espera', await violations(page), await sideways(page));
    await page.screenshot({ path: `/tmp/f/shots/conectar2-${width}-${scheme}.png` });
    step = { ...step, step: 'choose', choices: [{ account: '100000000000001', name: 'SENCE Chile' }, { account: '22', name: 'SENCE Regiones con un nombre muy largo que no cabe' }] };
    await page.getByText('¿Cuál de estas cuentas?').waitFor();
    console.log('  elige', await violations(page), await sideways(page));
    await page.screenshot({ path: `/tmp/f/shots/conectar3-${width}-${scheme}.png` });
    step = { ...step, step: 'done', choices: undefined, account: '22', missing: [{ right: 'pages_messaging', what: 'responder mensajes privados' }] };
    await page.route('**/connections/c1/choose', (r) => r.fulfill({ json: step }));
    await page.getByRole('button', { name: 'Conectar esta cuenta' }).click();
    await page.getByText('está conectada').waitFor();
    console.log('  listo', await violations(page), await sideways(page));
    await page.screenshot({ path: `/tmp/f/shots/conectar4-${width}-${scheme}.png` });
    await page.keyboard.press('Escape');
    await page.keyboard.press('g'); await page.keyboard.press('b');
    await page.locator('.franja').waitFor();
    await page.screenshot({ path: `/tmp/f/shots/franja-${width}-${scheme}.png` });
    console.log('  franja', await violations(page), await sideways(page));
    await assertQuiet(page, watch).catch((e) => console.log(e.message));
    await context.close();
  }
} finally { await browser.close(); await system?.stop(); }
