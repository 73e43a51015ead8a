import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSite, type TestSite } from '@xnai/testing';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NOT_RUN, RUN } from './support/commands-of-documents.ts';
import { documentedCommands } from './support/documented-commands.ts';
import { installPackedClient, oldestNode, type PackedClient } from './support/packed-client.ts';
import { runDocumented } from './support/run-documented.ts';
import { SMALL_SITE } from './support/small-site.ts';
import { commandEnv, type Stack, startStack, TEST_KEY } from './support/stack.ts';
import { commandsOfTheTour, PRINTED_ON_TOUR } from './support/tour.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const DOCUMENTS = ['README.md', 'docs/operations.md', 'docs/models.md', 'docs/breakers.md'];
const ASSIGNMENT = /^A="Authorization: Bearer \$KEY";? J="Content-Type: application\/json"$/;
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What the reader types, with what stands for something filled in. */
function toRun(documented: string, places: readonly (readonly [string, string])[]): string {
  const [first = '', ...more] = documented.split(' | ');
  const whole = more.length === 0 ? documented : first;
  const filled = places.reduce((text, [from, to]) => text.replaceAll(from, to), whole);
  return filled.replace(/^BACKUP /, 'npm run backup -- ').replaceAll(/ \[[^\]]*\]/g, '');
}

describe('what the documents say works, on one stack', { timeout: 120_000 }, () => {
  let stack: Stack;
  let site: TestSite;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'xnai-documents-'));
    site = await startSite({ ...SMALL_SITE });
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
    vi.stubEnv('XNAI_DATA_DIR', stack.dataDir);
    vi.stubEnv('KEY', TEST_KEY);
  }, 120_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stack?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('the tour in README leads from a clone to a cited answer in three commands', () => {
    const [start, ...others] = commandsOfTheTour();
    expect(start).toMatch(/^git clone .* && npm start$/);
    expect(others).toHaveLength(2);
    const env = { ...commandEnv(), XNAI_DATA_DIR: stack.dataDir };
    const outputs = others.map((command) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: root,
        env,
        encoding: 'utf8',
      });
      expect(status, `${command}\n${stderr}`).toBe(0);
      return stdout;
    });
    for (const [nth, printed] of PRINTED_ON_TOUR.entries()) expect(outputs[nth]).toMatch(printed);
  });

  it('each command of the documents is run here, or it is said why not', () => {
    const all = DOCUMENTS.flatMap((path) => documentedCommands(readFileSync(join(root, path), 'utf8')));
    const others = all.filter((command) => !RUN.has(command) && !ASSIGNMENT.test(command));
    expect(others.filter((command) => !NOT_RUN.some(([pattern]) => pattern.test(command)))).toEqual([]);
    expect([...RUN.keys()].filter((command) => !all.includes(command))).toEqual([]);
    expect(NOT_RUN.filter(([pattern]) => !others.some((command) => pattern.test(command)))).toEqual([]);
  });

  let crawlId = '';
  it.each([...RUN])('%s', async (documented, expected) => {
    const command = toRun(documented, [
      ['http://127.0.0.1:8000/', `${site.origin}/`],
      ['https://nodejs.org/api/', `${site.origin}/`],
      ['localhost:8080', `127.0.0.1:${stack.ragPort}`],
      ['localhost:8081', new URL(stack.crawlerUrl).host],
      ['01M84434QPND0P9FWTW1W6GTDX', crawlId],
      ['/mnt/backups', join(folder, 'backups')],
      ['--target …', `--target ${join(folder, 'backups')}`],
      ['FOLDER', join(folder, 'units')],
    ]);
    const { code, stdout, stderr } = await runDocumented(command, { cwd: root, scripts });
    // The doctor ends with 1 where this machine has an error.
    expect(documented === 'npm run doctor' ? [0, 1] : [0], `${command}\n${stdout}${stderr}`).toContain(code);
    expect(stdout).toMatch(expected);
    crawlId ||= /^\{"id":"(\w+)","status":"queued"/.exec(stdout)?.[1] ?? '';
  });

  it('clients that are generated from the OpenAPI documents work', () => {
    const program = join(root, 'test/generated-client/use.ts');
    const args = [program, stack.ragUrl, stack.crawlerUrl, TEST_KEY];
    expect(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))).toEqual({
      put: 'indexed',
      upload: 'indexed',
      answer: 'High tide is at six in the evening. [1]',
      quote: 'High tide is at six in the evening.',
      chat: 'The quay is closed in winter. [1]',
      models: expect.arrayContaining(['rag', 'rag:generated']),
      missing: 'COLLECTION_NOT_FOUND',
      refused: 'TARGET_NOT_PUBLIC',
    });
  });

  describe('the packed client', () => {
    let client: PackedClient;
    beforeAll(async () => {
      client = await installPackedClient();
    }, 120_000);
    afterAll(() => client?.[Symbol.asyncDispose]());

    it('is in order', async () => {
      const { buffer } = new Uint8Array(readFileSync(client.tarball));
      expect((await publint({ pack: { tarball: buffer } })).messages).toEqual([]);
    });

    it('works from JavaScript on the oldest Node, as its README shows', async () => {
      const readme = readFileSync(join(root, 'packages/contracts/README.md'), 'utf8');
      const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
      await writeFile(join(client.project, 'example.mjs'), example);
      const run = [join(client.project, 'example.mjs'), stack.ragUrl, TEST_KEY];
      expect(execFileSync(oldestNode(), run, { encoding: 'utf8' })).toBe(
        'High tide is at six in the evening. [1] tides\n',
      );
    });

    it('has types that travel with it', async () => {
      const typed = `import { createRagClient } from '@xnai/contracts/client';
        import { openNodeTransport } from '@xnai/contracts/node-transport';
        const rag = createRagClient({ baseUrl: 'http://a', transport: openNodeTransport('http://a', 1) });
        export const answer: Promise<string> = rag.query({ query: 'q' }).then(({ answer }) => answer);
        // @ts-expect-error: not a field of an answer
        rag.query({ query: 'q' }).then(({ reply }) => reply);`;
      await writeFile(join(client.project, 'use.mts'), typed);
      const options = [
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--lib',
        'esnext,dom',
        '--strict',
        '--noEmit',
      ];
      const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
      const { stdout, status } = spawnSync('tsc', [...options, ...types, join(client.project, 'use.mts')], {
        cwd: client.project,
        encoding: 'utf8',
      });
      expect(status, stdout).toBe(0);
    });
  });
});
