import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/open-test-models.ts';
import { chooseThreads } from './load-settings.ts';
import { type Machine, readMachine } from './machine.ts';

const MIB = 2 ** 20;
let root: ReturnType<typeof makeTestDirectory>;
beforeEach(() => {
  root = makeTestDirectory();
  write('proc/meminfo', 'MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n');
});
afterEach(() => root.remove());

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root.path, path)), { recursive: true });
  writeFileSync(join(root.path, path), text);
}

describe('what a machine allows', () => {
  it('is the limit of the container and not that of the host', () => {
    write('proc/self/cgroup', '0::/box\n');
    write('sys/fs/cgroup/box/memory.max', String(1000 * MIB));
    write('sys/fs/cgroup/box/memory.current', String(700 * MIB));
    write('sys/fs/cgroup/box/memory.stat', `anon 1\ninactive_file ${200 * MIB}\n`);
    write('sys/fs/cgroup/cpu.max', '150000 100000');
    expect(readMachine(root.path, 8)).toMatchObject({
      cpuQuota: 1.5,
      memoryLimitBytes: 1000 * MIB,
      memoryFreeBytes: 500 * MIB,
    });
  });

  it('is read from the older control groups too', () => {
    write('proc/self/cgroup', '4:memory:/box\n0::/\n');
    write('sys/fs/cgroup/memory/box/memory.limit_in_bytes', String(600 * MIB));
    write('sys/fs/cgroup/memory/box/memory.usage_in_bytes', String(100 * MIB));
    expect(readMachine(root.path, 8)).toMatchObject({ memoryFreeBytes: 500 * MIB, cpuQuota: undefined });
  });

  it('is the tightest limit of all the groups around the process', () => {
    write('proc/self/cgroup', '0::/user/service/box\n');
    write('sys/fs/cgroup/user/service/box/memory.max', 'max');
    write('sys/fs/cgroup/user/service/memory.max', String(900 * MIB));
    write('sys/fs/cgroup/user/service/memory.current', String(100 * MIB));
    write('sys/fs/cgroup/user/memory.max', String(1000 * MIB));
    write('sys/fs/cgroup/user/memory.current', String(600 * MIB));
    write('sys/fs/cgroup/user/service/cpu.max', '400000 100000');
    write('sys/fs/cgroup/user/cpu.max', '200000 100000');
    expect(readMachine(root.path, 8)).toMatchObject({
      memoryLimitBytes: 1000 * MIB,
      memoryFreeBytes: 400 * MIB,
      cpuQuota: 2,
    });
  });

  it('counts pages of files as free, but for those that a process has mapped', () => {
    write('proc/self/cgroup', '0::/\n');
    write('sys/fs/cgroup/memory.max', String(1000 * MIB));
    write('sys/fs/cgroup/memory.current', String(900 * MIB));
    write(
      'sys/fs/cgroup/memory.stat',
      `file_mapped ${250 * MIB}\nactive_file ${500 * MIB}\ninactive_file ${100 * MIB}\n`,
    );
    expect(readMachine(root.path, 8)).toMatchObject({ memoryFreeBytes: 450 * MIB });
  });

  it('reads the quota of an older control group of its own', () => {
    write('proc/self/cgroup', '3:cpu,cpuacct:/box\n');
    write('sys/fs/cgroup/cpu/box/cpu.cfs_quota_us', '150000');
    write('sys/fs/cgroup/cpu/box/cpu.cfs_period_us', '100000');
    expect(readMachine(root.path, 8)).toMatchObject({ cpuQuota: 1.5 });
  });

  it("is the host's free memory where there is no limit", () => {
    write('proc/self/cgroup', '0::/box\n');
    write('sys/fs/cgroup/box/memory.max', 'max\n');
    write('sys/fs/cgroup/cpu.max', 'max 100000');
    expect(readMachine(root.path, 8)).toMatchObject({
      cpuQuota: undefined,
      memoryLimitBytes: undefined,
      memoryFreeBytes: 8_000_000 * 1024,
    });
  });

  it('counts two hyperthreads as one core', () => {
    for (const cpu of [0, 1, 2, 3]) {
      write(`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, cpu < 2 ? '0-1' : '2-3');
    }
    expect(readMachine(root.path, 4)).toMatchObject({ cpus: 4, physicalCores: 2 });
  });
});

describe('the number of threads', () => {
  const machine = (cpus: number, physicalCores = cpus, cpuQuota?: number): Machine => ({
    cpus,
    physicalCores,
    cpuQuota,
    memoryLimitBytes: undefined,
    memoryFreeBytes: 0,
  });

  it.each([
    [machine(2), 1],
    [machine(1), 1],
    [machine(8), 7],
    [machine(16, 8), 7],
    [machine(8, 8, 2.5), 1],
    [machine(8, 8, 0.5), 1],
  ])('leaves a core to the service: %j', (given, threads) => {
    expect(chooseThreads(undefined, given)).toEqual({ threads });
  });

  it('is what a person asks for, up to the cores there are, and a warning beyond', () => {
    expect(chooseThreads(2, machine(2))).toEqual({ threads: 2 });
    expect(chooseThreads(64, machine(4))).toEqual({
      threads: 4,
      warning: 'INFERENCE_THREADS=64 is more than the 4 available cores',
    });
    expect(chooseThreads(4, machine(8, 8, 2))).toMatchObject({ threads: 2 });
  });
});
