/** What we publish: written, let out by a second person, moved, and decided about when it fails. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { assertQuiet, base, enter, launch } from './browser.mjs';
import { account, api, clearFaults, connect, fault, mark, publication, sent, serviceNow, tick, until, wall } from './citizen.mjs';
import { start } from './system.mjs';

let browser, system;
// The clock is moved and accounts are connected here: a system of its own.
before(async () => {
  system = await start();
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
  browser = await launch();
  for (const network of ['facebook', 'x']) await connect(network, (await account(network)).account);
});
after(async () => {
  await clearFaults();
  await browser?.close();
  await system?.stop();
});

const said = (page, text) => page.locator('p.oculto[role=status]', { hasText: text }).waitFor({ state: 'attached' });
const focused = (page, id) => page.waitForFunction((want) => document.activeElement?.id === want, id);
const keys = async (page, ...all) => {
  for (const key of all) await page.keyboard.press(key);
};

/** Goes on with the keyboard until the focus is where it should be. */
async function tabTo(page, what, selector, most = 60) {
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the keyboard does not come to ${what}`);
}

const state = async (id, user = 'supervisor') => (await api(user, `/posts/${id}`)).state;
const find = async (word) => (await api('supervisor', '/posts?limit=200')).items.find((p) => p.text.includes(word));

test('a publication is written, sent and approved with the keyboard alone, goes out at its hour, and who wrote it cannot approve it', async () => {
  const word = mark('curso');
  const writer = await enter(browser, 'ejecutivo1');
  const { page } = writer;
  await keys(page, 'g', 'p');
  await page.getByRole('heading', { level: 1, name: 'Calendario' }).waitFor();
  await focused(page, 'titulo');
  await page.keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'Nueva publicación' }).waitFor();
  await focused(page, 'titulo');
  await tabTo(page, 'Facebook', '#campo-networks');
  await page.keyboard.press('Space');
  await tabTo(page, 'the text', '#campo-text');
  await page.keyboard.type(`Se abrió la postulación al curso ${word}. Postula hasta el viernes en el sitio de SENCE.`);
  await page.locator('.cuentas', { hasText: 'Facebook: quedan' }).waitFor();
  await page.locator('.previa', { hasText: word }).waitFor();
  await tabTo(page, 'a free moment', '[aria-label="Próximos espacios libres"] button');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#campo-time').value !== '');
  await page.keyboard.press('Control+Enter');
  await said(page, 'La enviaste a aprobación.');
  await page.locator('.pub-historia', { hasText: 'Por aprobar' }).waitFor();
  const p = await find(word);
  assert.equal(p.state, 'submitted');
  assert.equal(p.author.id, 'ejecutivo1');
  await keys(page, 'g', 'o');
  await page.locator('.ficha-pub', { hasText: word }).waitFor();
  await keys(page, 'j', 'a');
  await said(page, 'Tu rol no puede aprobar publicaciones.');
  assert.equal(await state(p.id), 'submitted');
  await assertQuiet(page, writer.watch);

  const own = await publication('supervisor', { text: `Otra ${mark('propia')} del mismo tema.`, publishAt: { local: await wall(3 * 1440), zone: 'America/Santiago' } }, { submit: true });
  const second = await enter(browser, 'supervisor');
  await keys(second.page, 'g', 'o');
  const mine = second.page.locator(`[data-ficha="${own.id}"]`);
  await mine.getByText('Escribiste o cambiaste esta publicación: la aprueba otra persona.').waitFor();
  assert.equal(await mine.getByRole('button', { name: /^Aprobar/ }).isDisabled(), true);
  await second.page.locator(`[data-ficha="${p.id}"]`).waitFor();
  for (let i = 0; i < 5 && !(await second.page.evaluate((id) => document.activeElement?.id === `ficha-${id}`, p.id)); i++) {
    await second.page.keyboard.press('j');
    await second.page.waitForTimeout(100);
  }
  await focused(second.page, `ficha-${p.id}`);
  await second.page.keyboard.press('a');
  await said(second.page, 'La aprobaste: sale');
  assert.equal(await state(p.id), 'planned');
  assert.equal((await sent()).filter((s) => s.text?.includes(word)).length, 0, 'it went out before its hour');

  await tick(new Date(Date.parse(p.publishAt.at) + 5000).toISOString());
  await until('the publication to be out', async () => (await state(p.id)) === 'sent');
  await page.goto(`${base()}/publicaciones/${p.id}`);
  await page.locator('.destinos li', { hasText: 'Publicada' }).waitFor();
  await page.getByRole('link', { name: /Ver en Facebook/ }).waitFor();
  await assertQuiet(second.page, second.watch);
  await writer.context.close();
  await second.context.close();
});

test('a rejected one comes back with the reason', async () => {
  const p = await publication('ejecutivo1', { text: `Un aviso ${mark('aviso')} sin enlace.`, publishAt: { local: await wall(4 * 1440), zone: 'America/Santiago' } }, { submit: true });
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.goto(`${base()}/aprobaciones`);
  await page.locator(`#ficha-${p.id}`).waitFor();
  await page.locator(`#ficha-${p.id}`).focus();
  await page.keyboard.press('x');
  await focused(page, 'motivo-pub');
  await tabTo(page, 'Rechazar', 'dialog button[type=submit]');
  await page.keyboard.press('Enter');
  await page.getByText('Escribe qué hay que cambiar.').waitFor();
  await focused(page, 'motivo-pub');
  await page.keyboard.type('Falta el enlace a las bases.');
  await tabTo(page, 'Rechazar', 'dialog button[type=submit]');
  await page.keyboard.press('Enter');
  await said(page, 'La devolviste a quien la escribió.');
  assert.equal(await state(p.id), 'rejected');
  await page.goto(`${base()}/publicaciones/${p.id}`);
  await page.getByText('Falta el enlace a las bases.').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});

test('in the calendar a publication is carried by keyboard, and taken back; an approved one says what is lost', async () => {
  const from = await wall(5 * 1440);
  const p = await publication('ejecutivo1', { text: `Recordatorio ${mark('mover')} de la semana.`, publishAt: { local: from, zone: 'America/Santiago' } }, { approve: 'supervisor' });
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/calendario?vista=mes&dia=${from.slice(0, 10)}`);
  const chip = `pub-${p.id}`;
  await page.locator(`#${chip}`).waitFor();
  await page.locator(`#dia-${from.slice(0, 10)}`).focus();
  await page.keyboard.press('Enter');
  await focused(page, chip);
  await page.keyboard.press('m');
  await said(page, 'Tomaste «Recordatorio');
  await keys(page, 'ArrowRight', 'Shift+ArrowUp');
  await focused(page, chip);
  await keys(page, 'Escape');
  await said(page, 'La dejaste donde estaba');
  await focused(page, chip);
  await keys(page, 'm', 'ArrowDown', 'Enter');
  await page.getByRole('dialog').getByText('Ya está aprobada: al moverla se retira la aprobación').waitFor();
  await page.keyboard.press('Enter');
  await said(page, 'La aprobación se retiró.');
  const moved = await api('supervisor', `/posts/${p.id}`);
  const week = new Date(Date.parse(`${from.slice(0, 10)}T00:00Z`) + 7 * 86_400_000).toISOString().slice(0, 10);
  assert.equal(moved.publishAt.local, `${week}T${from.slice(11)}`, 'the hour on the wall changed');
  assert.equal(moved.state, 'submitted');
  await focused(page, chip);
  await page.keyboard.press('u');
  await said(page, 'hay que aprobarla de nuevo');
  assert.equal((await api('supervisor', `/posts/${p.id}`)).publishAt.local, from);
  await assertQuiet(page, watch);
  await context.close();
});

test('with the pointer a publication is dragged to another day, and one press takes it back', async () => {
  const from = await wall(6 * 1440);
  const p = await publication('ejecutivo1', { text: `Arrastrada ${mark('arrastrar')}.`, publishAt: { local: from, zone: 'America/Santiago' } });
  const { page, watch, context } = await enter(browser, 'ejecutivo1', { height: 1600 });
  await page.goto(`${base()}/calendario?vista=semana&dia=${from.slice(0, 10)}`);
  await page.locator(`#pub-${p.id}`).waitFor();
  const days = await page.locator('td[data-dia]').evaluateAll((all) => all.map((td) => td.dataset.dia));
  const today = (await wall(0)).slice(0, 10);
  const target = days.find((d) => d !== from.slice(0, 10) && d > today);
  await page.locator(`#pub-${p.id}`).dragTo(page.locator(`#dia-${target}`));
  await page.getByRole('button', { name: /^Deshacer/ }).waitFor();
  assert.equal((await api('supervisor', `/posts/${p.id}`)).publishAt.local, `${target}T${from.slice(11)}`);
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await until('the publication to be back', async () => (await api('supervisor', `/posts/${p.id}`)).publishAt.local === from);
  await assertQuiet(page, watch);
  await context.close();
});

test('nothing typed is lost: not by a refusal, not by reading the page anew; what is to correct is jumped to', async () => {
  const word = mark('guardar');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/publicaciones/nueva`);
  await page.getByLabel('Facebook').check();
  await page.locator('#campo-text').fill(`Solicite ${word} usted mismo en www.ejemplo.cl`);
  await page.locator('.hallazgos li').first().waitFor();
  await page.getByRole('button', { name: /^Ir ahí/ }).first().click();
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), '');
  await page.keyboard.press('Control+Enter');
  await page.locator('#error-publishAt', { hasText: 'Elige el día.' }).waitFor();
  await focused(page, 'campo-publishAt');
  await page.reload();
  await page.getByText('Recuperamos lo que habías escrito').waitFor();
  assert.match(await page.locator('#campo-text').inputValue(), new RegExp(word));
  await page.route('**/api/v1/posts', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 503, json: { title: 'No disponible', status: 503, detail: 'El servicio está ocupado. Inténtalo de nuevo.' } }) : route.continue()));
  await page.keyboard.press('Control+s');
  await page.locator('#pub-errores [role=alert]', { hasText: 'El servicio está ocupado.' }).waitFor({ timeout: 20_000 });
  assert.match(await page.locator('#campo-text').inputValue(), new RegExp(word));
  await page.unroute('**/api/v1/posts');
  await page.keyboard.press('Control+s');
  await said(page, 'Guardada.');
  await page.waitForURL(/\/publicaciones\/(?!nueva)/);
  const id = decodeURIComponent(page.url().split('/').at(-1));
  await page.locator('#campo-text').press('End');
  await page.keyboard.type(' Y algo más.');
  await until('the draft to be kept by itself', async () => (await api('ejecutivo1', `/posts/${id}`)).text.endsWith('Y algo más.'), 20);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('gestor.publicacion.'))), []);
  // Somebody else changes it meanwhile.
  await page.locator('#campo-text').press('End');
  await page.keyboard.type(' Lo mío.');
  await fetch(`${base()}/api/v1/posts/${id}`, {
    method: 'PATCH', body: JSON.stringify({ text: 'Lo de otra persona.' }),
    headers: { Authorization: `Bearer ${(await (await fetch(`${base()}/local/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"user":"supervisor"}' })).json()).token}`, 'Idempotency-Key': mark('k'), 'Content-Type': 'application/json' },
  });
  await page.getByText('Otra persona cambió esta publicación mientras escribías.').waitFor();
  assert.match(await page.locator('#campo-text').inputValue(), /Lo mío\.$/);
  await page.getByRole('button', { name: 'Guardar lo mío encima' }).click();
  await until('mine to be kept', async () => (await api('ejecutivo1', `/posts/${id}`)).text.endsWith('Lo mío.'));
  await assertQuiet(page, watch, /409|503|422/);
  await context.close();
});

test('one text for all, another one for X, and back only after a question', async () => {
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/publicaciones/nueva`);
  await page.getByLabel('Facebook').check();
  await page.getByLabel('X', { exact: true }).check();
  await page.locator('#campo-text').fill(`Un texto largo. ${'Con muchas palabras. '.repeat(20)}`);
  await page.locator('.cuentas', { hasText: /X: sobran \d+/ }).waitFor();
  await page.getByRole('button', { name: 'Texto distinto para X' }).click();
  await focused(page, 'campo-text-x');
  await page.locator('#campo-text-x').fill('Corto, con https://sence.gob.cl/un/enlace/muy/largo/que/vale/veintitres');
  await page.locator('.cuentas', { hasText: 'X: quedan 246' }).waitFor();
  await page.locator('.previa.de-x', { hasText: 'sence.gob.cl/un/enlace' }).waitFor();
  await page.locator('.previa.de-facebook', { hasText: 'Un texto largo.' }).waitFor();
  await page.getByRole('button', { name: /Volver al texto común/ }).click();
  await page.getByRole('dialog').getByText('Se pierde el texto que escribiste solo para X.').waitFor();
  await page.keyboard.press('Escape');
  assert.match(await page.locator('#campo-text-x').inputValue(), /^Corto/);
  await page.getByRole('button', { name: /Volver al texto común/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Volver al texto común' }).click();
  await focused(page, 'campo-text');
  assert.equal(await page.locator('#campo-text-x').count(), 0);
  await assertQuiet(page, watch);
  await context.close();
});

test('a series is written once; a change asks which of it is meant', async () => {
  const word = mark('serie');
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  const first = await wall(8 * 1440);
  await page.goto(`${base()}/publicaciones/nueva?dia=${first.slice(0, 10)}`);
  await page.getByLabel('Facebook').check();
  await page.locator('#campo-text').fill(`Orientación ${word} cada semana.`);
  await page.locator('#campo-time').fill('11:00');
  await page.locator('#campo-recurrence').selectOption('weekly');
  await page.locator('#campo-count').fill('3');
  await page.locator('.pub-fechas li').nth(2).waitFor();
  assert.equal(await page.locator('.pub-fechas li').count(), 3);
  await page.keyboard.press('Control+s');
  await said(page, 'Son 3 publicaciones');
  const all = async () => (await api('supervisor', '/posts?limit=200')).items.filter((p) => p.text.includes(word));
  assert.equal((await all()).length, 3);
  await page.locator('#campo-text').fill(`Orientación ${word} cada jueves.`);
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('¿Cuáles cambian?').waitFor();
  await dialog.getByRole('radio', { name: /Esta y las siguientes/ }).check();
  await dialog.getByRole('button', { name: 'Guardar' }).click();
  await said(page, 'Y 2 más de la serie.');
  assert.equal((await all()).filter((p) => p.text.endsWith('jueves.')).length, 3);
  await assertQuiet(page, watch);
  await context.close();
});

test('an emergency asks for its reason, and is for those who may', async () => {
  const p = await publication('ejecutivo1', { text: `Aviso urgente ${mark('urgente')}.`, publishAt: { local: await wall(9 * 1440), zone: 'America/Santiago' } }, { submit: true });
  const own = await publication('supervisor', { text: `Aviso propio ${mark('solo')}.`, publishAt: { local: await wall(9 * 1440 + 60), zone: 'America/Santiago' } }, { submit: true });
  const who = await enter(browser, 'supervisor');
  await who.page.goto(`${base()}/aprobaciones`);
  const card = who.page.locator(`[data-ficha="${own.id}"]`);
  await card.getByRole('button', { name: 'Publicar por emergencia…' }).click();
  await who.page.keyboard.type('Muy corto');
  await who.page.getByRole('dialog').getByRole('button', { name: 'Publicar por emergencia' }).click();
  await who.page.getByText('Explícalo un poco más').waitFor();
  await who.page.keyboard.type('. Hay una estafa en curso y nadie más está disponible.');
  await who.page.getByRole('dialog').getByRole('button', { name: 'Publicar por emergencia' }).click();
  await said(who.page, 'La publicaste por emergencia.');
  const after = await api('supervisor', `/posts/${own.id}`);
  assert.equal(after.state, 'planned');
  assert.equal(after.approval.emergency, true);
  const writer = await enter(browser, 'ejecutivo1');
  await writer.page.goto(`${base()}/aprobaciones`);
  await writer.page.locator(`[data-ficha="${p.id}"]`).waitFor();
  assert.equal(await writer.page.getByRole('button', { name: /emergencia/ }).count(), 0);
  await assertQuiet(who.page, who.watch);
  await who.context.close();
  await writer.context.close();
});

test('campaigns are made, and their publications moved together', async () => {
  const name = `Campaña ${mark('c')}`;
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/campanas`);
  await page.getByRole('button', { name: 'Nueva campaña' }).click();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const id = decodeURIComponent(page.url().split('/').at(-1));
  const at = await wall(10 * 1440);
  const p = await publication('ejecutivo1', { text: `De campaña ${mark('p')}.`, campaign: id, publishAt: { local: at, zone: 'America/Santiago' } });
  await page.reload();
  await page.locator(`#pub-${p.id}`).waitFor();
  await page.getByRole('button', { name: 'Mover todas…' }).click();
  await page.locator('#mover-dias').fill('2');
  await page.getByRole('dialog').getByRole('button', { name: 'Mover todas' }).click();
  await page.locator('#resultado', { hasText: 'Moviste 1 publicación.' }).waitFor();
  const want = new Date(Date.parse(`${at.slice(0, 10)}T00:00Z`) + 2 * 86_400_000).toISOString().slice(0, 10);
  assert.equal((await api('supervisor', `/posts/${p.id}`)).publishAt.local, `${want}T${at.slice(11)}`);
  await assertQuiet(page, watch);
  await context.close();
});

/** A picture of so many pixels, all of one colour: a PNG made by hand. */
function picture(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const lines = Buffer.alloc((width + 1) * height, Math.floor(Math.random() * 200));
  for (let y = 0; y < height; y++) lines[y * (width + 1)] = 0;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

/** Where the local system keeps files: another origin of this machine. */
const storage = /^http:\/\/(127\.0\.0\.1|localhost):\d+\//;

test('files come into a publication from this computer and from the library, each with its words; a large one goes straight to storage', async () => {
  const { page, watch, context } = await enter(browser, 'ejecutivo1');
  await page.goto(`${base()}/publicaciones/nueva`);
  await page.getByLabel('Facebook').check();
  await page.locator('#campo-text').fill(`Con afiche ${mark('afiche')}.`);
  const large = Buffer.concat([picture(900, 600), Buffer.alloc(5 << 20)]);
  await page.locator('#campo-media').setInputFiles([
    { name: 'afiche.png', mimeType: 'image/png', buffer: picture(640, 480) },
    { name: 'grande.png', mimeType: 'image/png', buffer: large },
    { name: 'bases.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') },
  ]);
  await page.getByText('Solo imágenes JPEG, PNG, GIF o WebP, y videos MP4 o MOV.').waitFor();
  await page.locator('.medios li').nth(1).waitFor();
  assert.ok(watch.remote.some((url) => storage.test(url)), 'the large file did not go to storage');
  await page.locator('.medios img').first().evaluate((img) => img.decode());
  await page.keyboard.press('Control+Enter');
  await focused(page, 'campo-alt-0');
  await page.locator('#error-alt-0', { hasText: 'Describe lo que se ve' }).waitFor();
  await page.locator('#campo-alt-0').fill('Afiche del curso con la fecha de cierre.');
  await page.locator('#campo-alt-1').fill('Otra imagen del curso.');
  await page.keyboard.press('Control+s');
  await said(page, 'Guardada.');
  const id = decodeURIComponent(page.url().split('/').at(-1));
  const kept = await api('ejecutivo1', `/posts/${id}`);
  assert.deepEqual(kept.media.map((m) => m.alt), ['Afiche del curso con la fecha de cierre.', 'Otra imagen del curso.']);
  assert.equal(kept.media[0].width, 640);
  // In the library: described, and one that is used is not taken away.
  await page.goto(`${base()}/biblioteca`);
  const card = page.locator('.archivos li', { hasText: 'afiche.png' });
  await card.getByLabel('Qué se ve').fill('Afiche.');
  await card.getByRole('button', { name: 'Guardar la descripción' }).click();
  await said(page, 'Guardaste la descripción.');
  await card.getByRole('button', { name: /^Borrar/ }).click();
  await page.locator('#deshacer-archivo').click();
  await card.waitFor();
  await card.getByRole('button', { name: /^Borrar/ }).click();
  await page.waitForTimeout(11_000);
  await page.locator('.archivos li', { hasText: 'afiche.png' }).getByText(/Lo usa una publicación/).waitFor();
  // And another publication takes one from there.
  await page.goto(`${base()}/publicaciones/nueva`);
  await page.getByRole('button', { name: 'Elegir de la biblioteca' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Elegir afiche\.png/ }).click();
  await focused(page, 'campo-alt-0');
  assert.equal(await page.locator('#campo-alt-0').inputValue(), 'Afiche.');
  await assertQuiet(page, watch, /409|422/, storage);
  await context.close();
});

test('what nobody knows of, and what came too late, is decided with one key each', async () => {
  const plan = async (network) => publication('ejecutivo1', { networks: [network], text: `Falla ${mark('falla')} de prueba.`, publishAt: new Date((await serviceNow()) + 3 * 60_000).toISOString() }, { approve: 'supervisor' });
  // The clock jumps over their moments: both come too late.
  const [late, over] = [await plan('x'), await plan('x')];
  await tick(new Date((await serviceNow()) + 40 * 60_000).toISOString());
  for (const p of [late, over]) await until('a publication to be too late', async () => (await state(p.id)) === 'expired');
  // Facebook does not say whether it did it, and does not have it.
  const lost = await plan('facebook');
  await fault('facebook', 'refuse_500_bare', { count: 1 });
  await tick(new Date((await serviceNow()) + 3 * 60_000 + 10_000).toISOString());
  await until('nobody to know', async () => (await state(lost.id)) === 'unknown');
  await clearFaults();
  const { page, watch, context } = await enter(browser, 'supervisor');
  await keys(page, 'g', 'f');
  await page.getByRole('heading', { level: 1, name: 'Fallas' }).waitFor();
  const decide = async (p, network, key) => {
    await page.locator(`[id="ficha-${p.id}.${network}"]`).focus();
    await page.keyboard.press(key);
  };
  await decide(lost, 'facebook', 'p');
  await page.getByRole('dialog').getByText('La viste en la red').waitFor();
  await page.keyboard.type('https://www.facebook.com/sence/posts/1');
  await page.keyboard.press('Enter');
  await said(page, 'En Facebook: quedó como publicada.');
  const settled = await api('supervisor', `/posts/${lost.id}`);
  assert.equal(settled.state, 'sent');
  assert.equal(settled.targets.facebook.url, 'https://www.facebook.com/sence/posts/1');
  await decide(over, 'x', 'd');
  await said(page, 'En X: quedó descartada.');
  assert.equal(await state(over.id), 'cancelled');
  await decide(late, 'x', 'r');
  await said(page, 'En X: saldrá de nuevo.');
  await until('it to be out', async () => (await state(late.id)) === 'sent');
  assert.equal((await sent('x')).filter((s) => s.text === late.text).length, 1);
  await page.getByText('No hay fallas.').waitFor();
  await assertQuiet(page, watch);
  await context.close();
});
