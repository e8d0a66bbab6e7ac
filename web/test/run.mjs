/** Runs the browser tests against the real local system, which must be built (make build). It ends with one line:
 * N passed, N failed. Arguments choose files by a part of their names. GESTOR_TEST_URL and GESTOR_TEST_SIM use a system
 * that is running already, GESTOR_CHROMIUM another browser than Debian's. */
import { existsSync, readdirSync } from 'node:fs';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from './system.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort()
  .map((name) => here + name);

const browser = process.env.GESTOR_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(browser)) {
  console.log(`SKIPPED browser: ${browser} is not there (apt-get install chromium, or set GESTOR_CHROMIUM)`);
  process.exit(0);
}

let system;
if (!process.env.GESTOR_TEST_URL) {
  // Long enough to undo an escalation on a slow machine, short enough to wait for.
  system = await start({ GESTOR_ESCALATE_UNDO: '8s' });
  process.env.GESTOR_TEST_URL = system.url;
  process.env.GESTOR_TEST_SIM = system.sim;
}

const count = { passed: 0, failed: 0 };
const failures = [];
try {
  const stream = run({ files, concurrency: 1, timeout: 900_000 });
  for await (const { type, data } of stream) {
    if (type === 'test:stderr') process.stderr.write(data.message);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A file is itself a test to the runner; one that could not even be loaded counts.
    if (data.nesting === 0 && data.name.endsWith('.test.mjs') && type === 'test:pass') continue;
    if (data.nesting === 0 && data.details?.error?.failureType === 'subtestsFailed') continue;
    if (data.skip !== undefined) {
      console.log(`SKIPPED ${data.name}: ${data.skip}`);
      continue;
    }
    count[type === 'test:pass' ? 'passed' : 'failed']++;
    console.log(`${type === 'test:pass' ? 'ok    ' : 'FAILED'} ${data.name} (${Math.round(data.details.duration_ms)} ms)`);
    if (type === 'test:fail') failures.push(data);
  }
} finally {
  await system?.stop();
}
for (const { name, details } of failures) {
  const error = details.error?.cause ?? details.error;
  console.log(`\n--- ${name}\n${error?.stack ?? error}`);
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
