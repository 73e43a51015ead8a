import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { identifyProcess } from '@xnai/service/process';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, CHECKOUT, makeMachine, type TestMachine } from '../testing/machine-of.ts';
import { planReclaim, reclaim } from './reclaim.ts';

let machine: TestMachine;
beforeEach(() => {
  machine = makeMachine();
});
afterEach(() => machine[Symbol.dispose]());

const plan = () => planReclaim(machine.host, CHECKOUT);
const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

const OWN = { 'io.xoe-novai.image': 'rag' };
const image = (id: string, Labels: object, more: object = {}) => ({
  Id: id,
  ParentId: '',
  Names: [],
  Labels,
  Created: 1_790_000_000,
  ...more,
});
const container = (Name: string, Status: string, Labels: object, Image = 'current') => ({
  Id: Name,
  Name,
  Image,
  State: { Status },
  Config: { Labels },
  HostConfig: {},
  Mounts: [{ Type: 'volume', Name: 'xnai_logs' }],
});
const composed = (service: string, more: object = {}) => ({
  ...OWN,
  'com.docker.compose.project': 'xnai',
  'com.docker.compose.service': service,
  'com.docker.compose.project.working_dir': CHECKOUT,
  ...more,
});

interface Podman {
  readonly images?: readonly object[];
  readonly containers?: readonly { readonly Id: string; readonly Image: string }[];
  readonly volumes?: readonly object[];
  readonly external?: readonly object[];
  readonly more?: Readonly<Record<string, Answer>>;
}

function podman({ images = [], containers = [], volumes = [], external = [], more = {} }: Podman): void {
  const info = {
    host: { security: { rootless: true } },
    store: { graphRoot: '/storage', volumePath: '/volumes' },
    version: { Version: '5.4.2' },
  };
  const uses = [...containers.map(({ Id, Image }) => ({ Id, ImageID: Image, State: 'exited' })), ...external];
  const json = (value: unknown): Answer => ({ out: JSON.stringify(value) });
  machine.program('podman', {
    'info --format json': json(info),
    'info --format {{': { out: '/storage' },
    'ps --all --quiet': { out: containers.map(({ Id }) => Id).join('\n') },
    'ps --all --external': json(uses),
    'container inspect': json(containers),
    images: json(images),
    'volume ls': json(volumes),
    ...more,
    unshare: { code: 1 },
  });
  machine.program('pgrep', { '': { code: 1 } });
}

/** Finds the one process whose pattern has these words. */
const pgrep = (words: string): Record<string, Answer> => ({
  ...(words === 'podman build'
    ? { [`--uid ${process.getuid?.()} --full (podman|buildah)`]: { code: 0 } }
    : {}),
  ...(words === 'system service' ? { [`--uid ${process.getuid?.()} --full podman(`]: { code: 0 } } : {}),
  '': { code: 1 },
});

describe('what can be reclaimed', () => {
  it('is nothing on a machine without Podman and runs, and it says so', async () => {
    expect(await plan()).toEqual({
      own: [],
      data: [],
      shared: [],
      notes: ['no images, containers and volumes: there is no Podman here'],
    });
  });

  it('are older builds of this stack, children first, and of no other', async () => {
    podman({
      images: [
        image('parent', OWN),
        image('child', OWN, { ParentId: 'parent' }),
        image('step', OWN),
        image('current', OWN, { ParentId: 'step', Names: ['localhost/xnai-rag:latest'] }),
        image('used', OWN),
        image('foreign', {}),
        image('base', {}, { Names: ['docker.io/library/node:24'] }),
      ],
      external: [{ Id: 'c', ImageID: 'used', State: 'running' }],
    });
    const { own, shared } = await plan();
    expect(own).toMatchObject([{ name: 'rag, 2 in all', command: 'podman rmi --no-prune child parent' }]);
    expect(shared).toMatchObject([
      { name: '1 without name and label', command: 'podman image prune --force' },
    ]);
  });

  it('is measured by layers that nothing else stands on', async () => {
    const layer = (id: string, parent?: string) => ({ id, parent });
    const layers = [
      layer('base'),
      layer('a', 'base'),
      layer('b', 'a'),
      layer('mapped', 'base'),
      layer('now', 'base'),
    ];
    machine.file('/storage/overlay-layers/layers.json', JSON.stringify(layers));
    const stored = [
      { id: 'old', layer: 'b', 'mapped-layers': ['mapped'] },
      { id: 'older', layer: 'a' },
      { id: 'current', layer: 'now' },
    ];
    machine.file('/storage/overlay-images/images.json', JSON.stringify(stored));
    podman({
      images: [
        image('old', OWN, { ParentId: 'older' }),
        image('older', OWN),
        image('current', OWN, { Names: ['localhost/xnai-rag'] }),
      ],
      more: {
        'unshare du --summarize --block-size=1 /storage/overlay/b /storage/overlay/a /storage/overlay/mapped':
          { out: '20\tb\n100\ta\n7\tmapped\n' },
      },
    });
    expect((await plan()).own).toMatchObject([{ name: 'rag, 2 in all', bytes: 127 }]);
  });

  const working = (Created: number) => ({ Id: 'working', ImageID: 'step', State: 'storage', Created });
  const now = Date.now() / 1000;

  it.each([
    ['the process of a build', 'podman build', []],
    ["a container of a build by Podman's service", 'system service', [working(now)]],
  ])('leaves images alone while there is %s', async (_what, process, external) => {
    podman({ images: [image('old', OWN)], external });
    machine.program('pgrep', pgrep(process));
    expect(await plan()).toMatchObject({ own: [], notes: [expect.stringContaining('a build is running')] });
  });

  it.each([
    ['no process builds', '', working(now)],
    ["Podman's service has had it for a day", 'system service', working(now - 86_400)],
  ])('are containers of a build that was cut off: %s', async (_what, process, external) => {
    podman({
      images: [image('step', OWN), image('other', {})],
      external: [external, { ...external, Id: 'foreign', ImageID: 'other' }],
    });
    machine.program('pgrep', pgrep(process));
    const { own, shared } = await plan();
    expect([names(own), names(shared)]).toEqual([
      ['working', 'rag, 1 in all'],
      ['foreign', '1 without name and label'],
    ]);
    expect(own[0]?.command).toBe('podman rm --force working');
  });

  it('are containers of replaced images and of single commands, not those of a stack that is stopped', async () => {
    podman({
      images: [image('current', OWN, { Names: ['localhost/xnai-rag'] })],
      containers: [
        container('xnai_rag_1', 'exited', composed('rag')),
        container('xnai_crawler_1', 'running', composed('crawler'), 'replaced'),
        container('xnai_models_1', 'exited', composed('models'), 'replaced'),
        container('xnai_secrets_tmp1', 'exited', composed('secrets')),
        container('xnai_other_1', 'exited', {
          ...composed('rag'),
          'io.xoe-novai.image': undefined,
          'com.docker.compose.project.working_dir': '/elsewhere',
        }),
        container('foreign', 'exited', {}),
      ],
    });
    expect(names((await plan()).own)).toEqual(['xnai_models_1', 'xnai_secrets_tmp1']);
  });

  it('are volumes only when asked for, and never those that a compose file declares or a container has', async () => {
    const Labels = { 'com.docker.compose.project': 'xnai' };
    podman({
      images: [],
      containers: [container('xnai_rag_1', 'running', composed('rag'))],
      volumes: [
        ...['xnai_models', 'xnai_rag-index', 'xnai_logs', 'xnai_former'].map((Name) => ({ Name, Labels })),
        { Name: 'foreign', Labels: {} },
      ],
    });
    const { own, data } = await plan();
    expect([names(own), names(data)]).toEqual([[], ['xnai_former']]);

    machine.file(`${CHECKOUT}/own.yml`, 'volumes: { former: {} }');
    expect((await plan()).data).toEqual([]);
    machine.file(`${CHECKOUT}/own.yml`, 'volumes: [');
    expect((await plan()).notes).toEqual([expect.stringContaining('volumes are left alone')]);
  });

  it('are fetches and restores that were cut off a day ago, not those of today', async () => {
    const old = machine.file(`${CHECKOUT}/data/models/acme/old.gguf.12.part`, 'x'.repeat(10_000));
    const restore = dirname(machine.file(`${CHECKOUT}/data/.restoring-a/index.sqlite`, 'x'));
    const rewrite = machine.file(`${CHECKOUT}/data/redis/temp-rewriteaof-12.aof`, 'x');
    for (const path of [old, restore, rewrite]) utimesSync(path, 1, 1);
    machine.file(`${CHECKOUT}/data/models/acme/new.gguf.12.part`, 'x');
    machine.file(`${CHECKOUT}/data/.restoring-b/index.sqlite`, 'x');
    machine.file(`${CHECKOUT}/data/redis/temp-rewriteaof-13.aof`, 'x');
    const { own } = await plan();
    expect(names(own)).toEqual([old, restore, rewrite]);
    const { removed } = await reclaim(machine.host, own);
    expect(removed).toMatchObject(own.map(() => ({ kind: 'file', bytes: expect.any(Number) })));
    expect([old, restore, rewrite].map((path) => existsSync(path))).toEqual([false, false, false]);
  });

  it('is what a restore has moved aside, when asked for', async () => {
    const former = ['keys.json', 'index/rag.sqlite', 'redis/appendonlydir'].map((path) =>
      machine.file(`${CHECKOUT}/data/${path}.before-restore-20261127T120000000Z`, '{}'),
    );
    const damaged = dirname(machine.file(`${CHECKOUT}/data/redis.damaged/appendonlydir`, 'x'));
    machine.file(`${CHECKOUT}/data/redis/appendonlydir/appendonly.aof.1.incr.aof`, 'x');
    const { own, data } = await plan();
    expect([own, names(data).toSorted()]).toEqual([[], [...former, damaged].toSorted()]);
  });

  it('are the folder and the hanging processes of a start that was killed, not those of one that runs', async () => {
    const hanging = spawn('sleep', ['600'], { stdio: 'ignore' });
    const exit = once(hanging, 'exit');
    const other = spawn('sleep', ['600'], { stdio: 'ignore' });
    onTestFinished(() => void other.kill());
    const ticks = (pid = 0) => identifyProcess(pid)?.startTicks;
    machine.file(
      '/dev/shm/xnai-start-999999999-1-a/children',
      `${hanging.pid} ${ticks(hanging.pid)}\n${other.pid} 1\n`,
    );
    const running = machine.file(
      `/dev/shm/xnai-start-${process.pid}-${ticks(process.pid)}-b/children`,
      `${other.pid} ${ticks(other.pid)}\n`,
    );
    const foreign = machine.file('/dev/shm/else/children', '');
    const { own } = await plan();
    expect(own).toMatchObject([{ kind: 'run', why: 'its start was killed; 1 of its processes still run' }]);
    await reclaim(machine.host, own);
    expect((await exit)[1]).toBe('SIGKILL');
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    expect([running, foreign].map((file) => existsSync(file))).toEqual([true, true]);
  });

  it('goes on with the rest when something is in use by now, and says what and why', async () => {
    podman({
      images: [image('busy', OWN), image('other', OWN), image('free', { 'io.xoe-novai.image': 'crawler' })],
      more: {
        'rmi --no-prune busy': { code: 2, err: 'Error: image is in use by a container' },
        'rmi --no-prune': {},
      },
    });
    machine.file('/storage/.keep', '');
    const { removed, kept } = await reclaim(machine.host, (await plan()).own);
    expect(names(removed)).toEqual(['crawler, 1 in all']);
    expect(kept).toMatchObject([
      { name: 'rag, 2 in all', failure: '1 of 2: image is in use by a container' },
    ]);
  });
});
