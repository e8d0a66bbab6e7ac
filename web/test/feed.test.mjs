/** How often the console asks, and that it never misses for long what the feed did not tell. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertQuiet, enter, launch, quietFeed } from './browser.mjs';
import { arrive } from './citizen.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test('the feed is asked often at first, seldom when nothing happens, at once on coming back', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.locator('.fila, .vacio').first().waitFor();
  await page.clock.install();
  await quietFeed(page);
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/changes?') ? 1 : 0));
  await page.reload();
  await page.locator('.fila, .vacio').first().waitFor();
  const over = async (seconds) => {
    asked = 0;
    for (let i = 0; i < seconds; i++) {
      await page.clock.runFor(1000);
      await new Promise((done) => setTimeout(done, 30)); // an answer needs real time, however fast the clock runs
    }
    return asked;
  };
  const early = await over(15);
  assert.ok(early >= 2 && early <= 5, `${early} in the first 15 s`);
  await over(60);
  const late = await over(60);
  assert.ok(late >= 3 && late <= 5, `${late} in a quiet minute`);
  asked = 0;
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.waitForTimeout(300);
  assert.ok(asked >= 1, 'nothing was asked on coming back');
  await assertQuiet(page, watch);
  await context.close();
});

test('what the feed does not tell is found all the same', async () => {
  const { page, watch, context } = await enter(browser, 'supervisor');
  await page.locator('.fila, .vacio').first().waitFor();
  await page.clock.install();
  await quietFeed(page);
  await page.reload();
  await page.locator('.fila, .vacio').first().waitFor();
  await arrive('Hola, ¿hay cursos de tejido?');
  for (let i = 0; i < 80; i++) await page.clock.runFor(1000);
  await page.getByRole('button', { name: /^\d+ nuevos?$/ }).waitFor();
  await assertQuiet(page, watch);
  await context.close();
});
