import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import type { Machine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

const NETWORKS = '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}';

it('model-store.yaml fetches a model with the keys of the volume from the one container that it reaches', async () => {
  await using stack = createComposeStack(machine, {
    overlays: ['compose/model-store.yaml', 'test/compose/store.yaml'],
    env: { GENERATE_MODEL: 's3://models/small.gguf', MODEL_STORE_ENDPOINT: 'http://store:9000' },
  });
  await stack.up();
  await stack.healthy();
  await expect.poll(() => stack.logs('models'), { timeout: 60_000 }).toContain('XNAI_S3_SECRET_KEY_FILE');
  for (const [name, key] of Object.entries({ 'access-key': 'reader', 'secret-key': 'hidden' }))
    await stack.exec('secrets', ['sh', '-c', `umask 077; printf ${key} >/run/secrets-of/models/${name}`]);

  await expect
    .poll(() => stack.exec('rag', ['ls', '/app/models/s3:models']), { timeout: 60_000 })
    .toMatchObject({ output: expect.stringContaining('small.gguf.json') });
  expect(await stack.logs('models')).toContain('the model is fetched and has the stated hash');
  const networks = await machine.run([
    'podman',
    'inspect',
    '--format',
    NETWORKS,
    await stack.containerOf('models'),
  ]);
  expect(networks.output.trim()).toBe('xnai_model-store');
  const hidden = await machine.run(['podman', 'inspect', await stack.containerOf('models')]);
  expect(hidden.output).not.toContain('hidden');
});
