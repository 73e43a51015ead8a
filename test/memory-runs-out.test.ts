import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRagClient } from '@xnai/contracts/client';
import { writeScriptedModel } from '@xnai/inference/testing';
import { childrenOf, findFreePorts, openMemoryGroup, waitUntil } from '@xnai/testing';
import { expect, it } from 'vitest';
import { TEST_KEY } from './support/stack.ts';

const MIB = 1024 ** 2;
const LIMIT = 640 * MIB;
const GUIDE = '# Uploads\n\nThe upload limit is 20 MB.';
const QUESTION = { query: 'What is the upload limit?' };

it('memory that runs out in rag is warned of, then ends the model and nothing else, and the model comes back', {
  timeout: 120_000,
}, async (context) => {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'xnai-memory-test-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const group = openMemoryGroup(LIMIT) ?? context.skip('this user can make no control group for memory');
  resources.use(group);
  // Where the index of the stack is, and all that its containers write.
  const filler = join('/dev/shm', `xnai-memory-test-${process.pid}`);
  resources.defer(() => rmSync(filler, { force: true }));
  const model = join(folder, 'scripted.gguf');
  writeScriptedModel(model, ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  const { process: rag, client } = await startRag(folder, { model, command: group.command });
  resources.defer(async () => {
    if (rag.exitCode !== null || rag.signalCode !== null) return;
    rag.kill('SIGKILL');
    await once(rag, 'exit');
  });
  const check = async (name: string) => (await client.readiness()).checks[name];
  const isReady = () => waitUntil('the model is ready', async () => (await check('model'))?.status === 'ok');
  const put = () => client.putDocument('default', 'guide', { content: GUIDE, content_type: 'text/markdown' });
  const fillTo = (share: number) =>
    group.fill(filler, Math.max(0, Math.ceil((share * LIMIT - group.usedBytes()) / MIB)));
  await isReady();
  await put();
  expect(await client.query(QUESTION)).toMatchObject({ mode: 'generative' });

  fillTo(0.86);
  const warned = async () =>
    (await client.readiness()).degraded.includes('memory') ? check('memory') : undefined;
  expect(await waitUntil('memory is short', warned)).toMatchObject({
    detail: expect.stringMatching(/cgroup 8\d\.\d % of 640 MiB/),
  });
  fillTo(0.92);
  const refused = () =>
    put().then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(await waitUntil('documents are refused', refused)).toMatchObject({
    code: 'OVERLOADED',
    status: 503,
  });

  const [modelPid = 0] = childrenOf(rag.pid ?? 0);
  for (let step = 0; childrenOf(rag.pid ?? 0).includes(modelPid); step++) {
    expect(step).toBeLessThan(100);
    group.fill(filler, 1);
    // rag has had its turn to look.
    await check('memory');
  }
  // The kernel, which can take the wrong process while the model is torn down, had to end none.
  expect(group.kills()).toBe(0);
  expect(await check('model')).toMatchObject({ detail: expect.stringContaining('memory ran short') });
  expect([rag.exitCode, rag.signalCode]).toEqual([null, null]);
  expect(await client.query({ ...QUESTION, mode: 'extractive' })).toMatchObject({
    answer: expect.stringContaining('20 MB'),
  });

  rmSync(filler);
  await isReady();
  expect(await client.query(QUESTION)).toMatchObject({ mode: 'generative' });
});

async function startRag(
  folder: string,
  {
    model,
    command,
  }: { model: string; command: (name: string, args: string[]) => readonly [string, readonly string[]] },
) {
  const [port = 0] = await findFreePorts(1);
  const main = fileURLToPath(new URL('../apps/rag/src/main.ts', import.meta.url));
  const [name, args] = command(process.execPath, ['--optimize-for-size', main]);
  const child = spawn(name, args, {
    env: {
      PATH: process.env['PATH'],
      RAG_PORT: String(port),
      RAG_GENERATE_MODEL: model,
      RAG_EMBED_MODEL: 'none',
      VULKAN_DEVICE_SELECT: 'off',
      INFERENCE_THREADS: '1',
      XNAI_DATA_DIR: join(folder, 'data'),
      XNAI_API_KEY: TEST_KEY,
      // It is asked often.
      XNAI_RATE_LIMIT: '0',
    },
    stdio: 'ignore',
  });
  const client = createRagClient({ baseUrl: `http://127.0.0.1:${port}`, key: TEST_KEY });
  await waitUntil('rag answers', () =>
    client.liveness().then(
      () => true,
      () => false,
    ),
  );
  return { process: child, client };
}
