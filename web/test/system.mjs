/** The real local system, started for the tests on free ports with data of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts bin/gestor and gives its addresses once it serves. GESTOR_BIN names another binary. */
export async function start(environment = {}) {
  const program = process.env.GESTOR_BIN ?? join(root, 'bin', 'gestor');
  if (!existsSync(program)) throw new Error(`${program} is not built: run make build`);
  const data = mkdtempSync(join(tmpdir(), 'gestor-web-'));
  const addresses = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
  const child = spawn(program, ['run'], {
    cwd: root,
    env: { ...process.env, ...environment, GESTOR_ADDR: addresses[0], GESTOR_SIM_ADDR: addresses[1], GESTOR_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stdout.on('data', (part) => (told += part));
  child.stderr.on('data', (part) => (told += part));
  const limit = Date.now() + 120_000;
  while (!told.includes('gestor ready:')) {
    if (child.exitCode !== null || Date.now() > limit) throw new Error(`the local system did not start:\n${told}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url: `http://${addresses[0]}`,
    sim: `http://${addresses[1]}`,
    /** What the functions logged, for a test that failed. */
    log: () => (existsSync(join(data, 'functions.log')) ? readFileSync(join(data, 'functions.log'), 'utf8') : ''),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
