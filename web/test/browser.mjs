/** A real browser, watched: whatever it complains about, asks of another machine or refuses by policy is kept. */
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const executablePath = process.env.GESTOR_CHROMIUM ?? '/usr/bin/chromium';

const args = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const base = () => process.env.GESTOR_TEST_URL;
export const sim = () => process.env.GESTOR_TEST_SIM;

/** Starts a browser with a profile of its own. */
export const launch = () => chromium.launch({ executablePath, args, headless: true });

/** A page in a context of its own. watch.problems must stay empty; expected failures of requests are taken out by who expects them. */
export async function newPage(browser, { width = 1440, height = 900, scheme = 'light', ...rest } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'es-CL', ...rest });
  const page = await context.newPage();
  const watch = { problems: [], remote: [], dialogs: [] };
  const home = new URL(base()).origin;
  page.on('console', (m) => {
    // The sign-in page has no icon of its own, and the browser asks for one by itself.
    if (m.location().url.endsWith('/favicon.ico')) return;
    if (m.type() === 'error' || m.type() === 'warning') watch.problems.push(`${m.type()}: ${m.text()}`);
  });
  page.on('pageerror', (error) => watch.problems.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    watch.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== home && url.protocol !== 'data:' && url.protocol !== 'blob:') watch.remote.push(request.url());
  });
  await page.addInitScript(() => {
    window.__violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.__violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  return { context, page, watch };
}

/** Signs in through the pages, as a person does. */
export async function login(page, user, path = '/') {
  await page.goto(base() + path);
  await page.getByRole('heading', { name: 'Elige con quién ingresar' }).waitFor();
  await page.locator(`button[name=user][value="${user}"]`).click();
  await page.getByRole('button', { name: 'Salir' }).waitFor();
}

/** A new page with a person signed in. */
export async function enter(browser, user, options) {
  const made = await newPage(browser, options);
  await login(made.page, user);
  return made;
}

/** Opens a case that the list or the address knows. */
export async function openCase(page, id) {
  await page.goto(`${base()}/casos/${encodeURIComponent(id)}`);
  await page.getByRole('heading', { level: 1, name: /^Caso RS-/ }).waitFor();
}

/** The page complained of nothing, asked nothing of others and met no policy, but for what is expected: of problems, and of others. */
export async function assertQuiet(page, watch, expected = /^$/, others = /^$/) {
  const problems = watch.problems.filter((text) => !expected.test(text));
  const violations = await page.evaluate(() => window.__violations);
  const remote = watch.remote.filter((url) => !others.test(url));
  assert.deepEqual({ problems, violations, remote, dialogs: watch.dialogs }, { problems: [], violations: [], remote: [], dialogs: [] });
}

/** Stops the feed of changes: the page knows only what it asked for itself. */
export const quietFeed = (page) => page.route('**/api/v1/changes?*', (route) => route.fulfill({ json: { items: [], cursor: 'nada' } }));
