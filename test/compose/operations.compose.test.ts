import { checkPromises, examine, planReclaim, reclaim } from '@xnai/ops';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUILD_MS, openBuiltMachine } from './support/built-machine.ts';
import { type ComposeStack, createComposeStack } from './support/compose-stack.ts';
import type { Machine } from './support/machine.ts';
import { openMachineHost } from './support/machine-host.ts';

const UID = 1001;
/** Where the machine's user has the checkout. */
const root = `/home/lab${UID}/xnai`;
/** Each build leaves its predecessor behind. */
const FOREIGN = `FROM docker.io/library/debian:trixie-slim
RUN head -c 3000000 /dev/urandom >/random`;

let machine: Machine;
let stack: ComposeStack;
let host: ReturnType<typeof openMachineHost>;

beforeAll(async () => {
  machine = await openBuiltMachine();
  stack = createComposeStack(machine);
  host = openMachineHost(UID, stack.variables);
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await machine?.[Symbol.asyncDispose]();
  host?.[Symbol.dispose]();
});

async function build(): Promise<void> {
  const built = await stack.compose(['build'], BUILD_MS);
  expect(built.code, built.output.slice(-3000)).toBe(0);
}

const doctor = () => examine(host, { root, verifyModels: async () => [] });
const run = async (command: string) => (await machine.run(['sh', '-c', command])).output.trim();

it('the doctor sees a machine before the start, a stack that is up, and one that crashes again and again', async () => {
  const before = await doctor();
  expect(before).toContainEqual(expect.objectContaining({ level: 'ok', cause: 'Podman 5.4.2, rootless' }));
  expect(before).toContainEqual(expect.objectContaining({ subject: 'rag', level: 'ok' }));

  await stack.up();
  await stack.healthy();
  const up = await doctor();
  expect(up.filter(({ level }) => level === 'error')).toEqual([]);
  const subjects = up.map(({ subject }) => subject);
  expect(subjects).toEqual(
    expect.arrayContaining(['redis', 'keys', 'container rag', 'rag: index', 'rag: tmpfs', 'rag: redis']),
  );

  for (let crash = 0; crash < 4; crash++) {
    const [, process = ''] = await stack.processes('crawler');
    await stack.killProcess(process);
    await expect
      .poll(async () => (await stack.exec('crawler', ['cat', '/run/starts/count'])).output, {
        timeout: 30_000,
      })
      .toMatch(new RegExp(`^${crash + 2} `));
  }
  expect(await doctor()).toContainEqual(
    expect.objectContaining({
      level: 'error',
      subject: 'container crawler',
      cause: expect.stringMatching(/ended \d times/),
    }),
  );
});

it('the running stack keeps each promise that can be looked at', async () => {
  const verdicts = await checkPromises(host, root);
  expect(verdicts.filter(({ result }) => result === 'fail')).toEqual([]);
  expect(verdicts.filter(({ result }) => result === 'pass').length).toBeGreaterThanOrEqual(12);
});

it('reclaims what it has replaced beside what is not its own, and nothing during a build', async () => {
  const foreign = `printf '${FOREIGN}' | podman build --quiet --no-cache -f - /tmp`;
  const image = await run(foreign);
  await run(
    'podman volume create foreign; podman run --name foreign docker.io/library/debian:trixie-slim true',
  );
  await run('echo "// changed" >>apps/rag/src/main.ts');
  await build();
  await stack.up('--force-recreate');
  await stack.healthy();
  // As after a command in a container of its own, whose image is the stack's.
  await run('podman run --name xnai_left localhost/xnai-rag true');

  const slow = machine.run([
    'sh',
    '-c',
    `printf 'FROM docker.io/library/debian:trixie-slim\\nRUN sleep 20\\n' | podman build --no-cache -f - /tmp`,
  ]);
  await expect
    .poll(async () => (await planReclaim(host, root)).notes, { timeout: 15_000 })
    .toEqual([expect.stringContaining('a build is running')]);
  expect((await slow).code).toBe(0);

  const plan = await planReclaim(host, root);
  const images = plan.own.filter(({ kind }) => kind === 'image');
  expect(images.length).toBeGreaterThan(0);
  expect(images[0]?.bytes).toBeGreaterThan(0);
  expect(plan.own.map(({ name }) => name)).toContain('xnai_left');
  const planned = images.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const { kept, freeBefore, freeAfter } = await reclaim(host, plan.own);
  expect(kept).toEqual([]);
  // Half of it: others write to this disk as well.
  expect(freeAfter - freeBefore).toBeGreaterThan(planned / 2);

  expect(
    await run(
      `podman image exists ${image} && podman container exists foreign && podman volume exists foreign && echo all`,
    ),
  ).toBe('all');
  await stack.healthy();
  expect((await planReclaim(host, root)).own).toEqual([]);
  await build();
});
