import { afterEach, beforeEach, expect, it } from 'vitest';
import { container, withContainer } from '../doctor/testing/healthy-machine.ts';
import { makeMachine, type TestMachine } from '../testing/machine-of.ts';
import { findContainerStack } from './container-stack.ts';
import { IMAGE_LABEL } from './podman.ts';

let machine: TestMachine;
beforeEach(() => {
  machine = makeMachine();
});
afterEach(() => machine[Symbol.dispose]());

const ANSWERS = {
  'container inspect': { out: JSON.stringify([container('rag', {}), container('crawler', {})]) },
  'port rag 8080/tcp': { out: '0.0.0.0:9000\n' },
  'port crawler 8081/tcp': { out: '[::]:9001\n' },
  'exec rag cat /run/xnai/first-key': { out: 'xnai_first\n' },
};

it('is asked where it is published, and for its first key', async () => {
  machine.program('podman', withContainer({}, ANSWERS));
  expect(await findContainerStack(machine.host)).toEqual({
    addresses: { rag: 'http://127.0.0.1:9000', crawler: 'http://[::1]:9001' },
    key: 'xnai_first',
  });
});

it('is not the one of another project with the same images', async () => {
  const Labels = { 'com.docker.compose.project': 'other', 'com.docker.compose.service': 'rag' };
  const foreign = {
    ...container('rag', {}),
    Id: 'foreign',
    Config: { Labels: { ...Labels, [IMAGE_LABEL]: 'rag' } },
  };
  const all = [foreign, container('rag', {}), container('crawler', {})];
  machine.program('podman', {
    ...withContainer({}, ANSWERS),
    'container inspect': { out: JSON.stringify(all) },
  });
  expect((await findContainerStack(machine.host))?.key).toBe('xnai_first');
});

it.each([
  ['there is no Podman', () => undefined],
  ['no container is there', () => machine.program('podman', withContainer({}))],
  [
    'it is stopped',
    () =>
      machine.program('podman', {
        ...withContainer({}, ANSWERS),
        'container inspect': { out: JSON.stringify([container('rag', { Status: 'exited' })]) },
      }),
  ],
  [
    'this is one of its containers',
    () => {
      machine.program('podman', withContainer({}, ANSWERS));
      machine.file('/run/.containerenv', '');
    },
  ],
])('is not found where %s', async (_, given) => {
  given();
  expect(await findContainerStack(machine.host)).toBeUndefined();
});
