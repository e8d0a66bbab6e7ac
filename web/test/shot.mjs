/** Draws docs/img/consola.png anew, from the real system with fictitious data: node test/shot.mjs */
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { enter, launch, openCase } from './browser.mjs';
import { act, api, caseOf, until, write } from './citizen.mjs';
import { start } from './system.mjs';

const target = fileURLToPath(new URL('../../docs/img/consola.png', import.meta.url));

const system = await start({ GESTOR_ESCALATE_UNDO: '2s' });
process.env.GESTOR_TEST_URL = system.url;
process.env.GESTOR_TEST_SIM = system.sim;
const browser = await launch();
try {
  await fetch(`${system.sim}/sim/morning`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  const author = 'ficticia-portada';
  await write('Terminé el curso de soldadura en septiembre y todavía no me llega el certificado. Llevo dos meses reclamando y nadie responde.', {
    name: 'Rosa Ficticia Soto', author,
  });
  const { id } = await caseOf('soldadura en septiembre');
  await until('the folio', async () => (await api('supervisor', `/tickets/${id}`)).siac.state === 'filed');
  await act('ejecutivo1', id, 'claim');
  await act('ejecutivo1', id, 'reply', {
    visibility: 'public', text: 'Hola, Rosa. Ya revisamos tu caso con la OTEC. El certificado estará disponible en el sitio de SENCE el 30/11/2026.',
  });
  await until('the reply', async () => (await api('supervisor', `/tickets/${id}`)).replies[0]?.state === 'sent');
  const [first] = (await api('ejecutivo1', `/tickets/${id}`)).mentions;
  // The network tells time in whole seconds.
  await new Promise((done) => setTimeout(done, 2000));
  await write('Muchas gracias. ¿Y lo puedo descargar con mi ClaveÚnica?', { name: 'Rosa Ficticia Soto', author, thread: first.id });
  await until('the answer to it', async () => (await api('supervisor', `/tickets/${id}`)).mentions.length === 2);
  await act('ejecutivo1', id, 'claim');
  const { page } = await enter(browser, 'ejecutivo1');
  await openCase(page, id);
  await page.locator('#redactor').fill('Sí. Ingresa a «Mis certificados» y descárgalo con tu ClaveÚnica.');
  await page.locator('.fila').nth(5).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  mkdirSync(new URL('.', `file://${target}`), { recursive: true });
  await page.screenshot({ path: target });
  console.log(`${target}: ${statSync(target).size} bytes`);
} finally {
  await browser.close();
  await system.stop();
}
