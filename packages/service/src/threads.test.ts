import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { openThreads, ThreadError, type Threads, type ThreadsOptions } from './threads.ts';

type Pool = Threads<typeof import('./testing/tasks.ts')>;

const open: Pool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

function openPool(options: Partial<ThreadsOptions> = {}): Pool {
  const pool: Pool = openThreads({
    module: new URL('./testing/tasks.ts', import.meta.url),
    size: 1,
    resourceLimits: {},
    ...options,
  });
  open.push(pool);
  return pool;
}

const newCell = () => new Int32Array(new SharedArrayBuffer(4));

/** A task that occupies a thread until `release`, and is running when this returns. */
async function occupy(pool: Pool) {
  const [cell, order] = [newCell(), newCell()];
  const ended = pool.run('block', { cell, order });
  await expect.poll(() => Atomics.load(order, 0)).toBe(1);
  const release = () => {
    Atomics.store(cell, 0, 1);
    Atomics.notify(cell, 0);
    return ended;
  };
  return { release };
}

describe('tasks', () => {
  test.each([2, 3])('on %i threads run at one time', async (size) => {
    const pool = openPool({ size });

    for (let round = 0; round < 3; round += 1) {
      const cell = newCell();
      const met = Array.from({ length: size }, () => pool.run('meet', { cell, count: size }));
      expect(await Promise.all(met)).not.toContain(false);
    }
  });

  test('on one thread run one after the other, in the order they came', async () => {
    const pool = openPool();
    const { release } = await occupy(pool);
    const order: number[] = [];
    const all = Array.from({ length: 20 }, async (_, n) => order.push((await pool.run('echo', n)) as number));
    await release();
    await Promise.all(all);

    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test('take values both ways, and see the data of the pool', async () => {
    const pool = openPool({ workerData: { path: '/x' } });

    expect(await pool.run('echo', { a: new Uint8Array([1]) })).toEqual({ a: new Uint8Array([1]) });
    expect(await pool.run('data', undefined)).toEqual({ path: '/x' });
  });

  test('get buffers handed over, which are empty then', async () => {
    const value = new Uint8Array([1, 2, 3]);
    const sent = openPool().run('echo', value, { transfer: [value.buffer] });
    expect(await sent).toEqual(new Uint8Array([1, 2, 3]));
    expect(value.buffer.byteLength).toBe(0);
  });

  test('start threads only when there is work, where none is to be kept', async () => {
    const pool = openPool({ size: 2, minSize: 0 });
    const cell = newCell();

    expect(await Promise.all([1, 2].map(() => pool.run('meet', { cell, count: 2 })))).toEqual([true, true]);
  });
});

describe('a task that fails', () => {
  test('fails with its message, and the thread goes on', async () => {
    const pool = openPool();
    const before = await pool.run('thread', undefined);

    await expect(pool.run('fail', 'plain')).rejects.toMatchObject({
      name: 'ThreadError',
      code: 'TASK_FAILED',
      message: 'out of range',
    });
    expect(await pool.run('thread', undefined)).toBe(before);
  });

  test('keeps its code, message and cause for the one who makes the error', async () => {
    const pool = openPool({ toError: (failure) => Object.assign(new Error('mine'), failure) });

    await expect(pool.run('fail', 'coded')).rejects.toMatchObject({
      code: 'TEAPOT',
      message: 'short and stout',
      cause: 'tipped over',
    });
  });

  test.each([
    ['exhausts the memory of its thread', 'exhaustMemory', { maxOldGenerationSizeMb: 32 }],
    ['ends its thread', 'exit', {}],
  ] as const)('because it %s fails alone, also where no thread is kept', async (_, task, resourceLimits) => {
    for (const minSize of [0, 1]) {
      const pool = openPool({ minSize, resourceLimits });
      const [failed, next] = await Promise.allSettled([pool.run(task, undefined), pool.run('echo', 'next')]);

      expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'THREAD_DIED' } });
      expect(next).toEqual({ status: 'fulfilled', value: 'next' });
    }
  });

  test('because its value cannot be sent fails alone', async () => {
    const pool = openPool();

    await expect(pool.run('echo', () => 1)).rejects.toBeInstanceOf(ThreadError);
    expect(await pool.run('echo', 1)).toBe(1);
  });

  test('because there is no such module fails, and does not wait for ever', async () => {
    for (const minSize of [0, 1]) {
      const pool = openPool({ module: new URL('./no-such-module.ts', import.meta.url), minSize });

      await expect(pool.run('echo', 1)).rejects.toMatchObject({ code: 'THREAD_DIED' });
      await expect(pool.run('echo', 1)).rejects.toMatchObject({ code: 'THREAD_DIED' });
    }
  });
});

describe('an abort', () => {
  const gone = new Error('gone');

  test('rejects with its reason, and a task that waits never begins', async () => {
    const pool = openPool();
    const { release } = await occupy(pool);
    const [abort, order] = [new AbortController(), newCell()];
    const waiting = pool.run('block', { cell: new Int32Array(newCell().buffer), order }, abort);
    abort.abort(gone);

    await expect(waiting).rejects.toBe(gone);
    expect(await release()).toBe('unblocked');
    expect(await pool.run('echo', 'next')).toBe('next');
    expect(Atomics.load(order, 0)).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    await expect(pool.run('echo', 1, abort)).rejects.toBe(gone);
  });

  test('leaves a task that has begun to its thread', async () => {
    const pool = openPool();
    const before = await pool.run('thread', undefined);
    const [abort, cell, order] = [new AbortController(), newCell(), newCell()];
    const running = pool.run('block', { cell, order }, abort);
    await expect.poll(() => Atomics.load(order, 0)).toBe(1);
    abort.abort(gone);

    await expect(running).rejects.toBe(gone);
    Atomics.store(cell, 0, 1);
    Atomics.notify(cell, 0);
    expect(await pool.run('thread', undefined)).toBe(before);
  });

  test('kills the thread where it is to, and the next task gets a new one', async () => {
    const pool = openPool({ minSize: 0 });
    const before = await pool.run('thread', undefined);
    const [abort, order] = [new AbortController(), newCell()];
    const { signal } = abort;
    const running = pool.run('block', { cell: newCell(), order }, { signal, onAbort: 'kill' });
    await expect.poll(() => Atomics.load(order, 0)).toBe(1);
    const next = pool.run('thread', undefined);
    abort.abort(gone);

    await expect(running).rejects.toBe(gone);
    expect(await next).not.toBe(before);
  });
});

describe('a time limit', () => {
  test('kills the thread of the task that exceeds it, and no other', async () => {
    const pool = openPool({ size: 2 });
    const { release } = await occupy(pool);
    const spinning = pool.run('spin', undefined, { timeoutMs: 100 });

    await expect(spinning).rejects.toMatchObject({ code: 'TASK_TIMED_OUT' });
    expect(await pool.run('echo', 'next', { timeoutMs: 10_000 })).toBe('next');
    expect(await release()).toBe('unblocked');
  });

  test('of CPU time kills the thread of the task that uses it up', async () => {
    const pool = openPool();
    await expect(pool.run('spin', undefined, { cpuMs: 50 })).rejects.toMatchObject({
      code: 'TASK_TIMED_OUT',
    });
    expect(await pool.run('echo', 'next', { cpuMs: 50 })).toBe('next');
  });

  test('of CPU time does not count the time in which a thread does nothing', async () => {
    const pool = openPool();
    const [cell, order] = [newCell(), newCell()];
    const blocked = pool.run('block', { cell, order }, { cpuMs: 20 });
    await expect.poll(() => Atomics.load(order, 0)).toBe(1);
    setTimeout(() => {
      Atomics.store(cell, 0, 1);
      Atomics.notify(cell, 0);
    }, 200);

    expect(await blocked).toBe('unblocked');
  });

  test('does not count the time that a task waits for its turn', async () => {
    const pool = openPool();
    const { release } = await occupy(pool);
    let hasWaited = false;
    const waiting = pool.run('echo', 'here', { timeoutMs: 20 });
    setTimeout(() => {
      hasWaited = true;
      void release();
    }, 200);

    expect(await waiting).toBe('here');
    expect(hasWaited).toBe(true);
  });
});

describe('closing', () => {
  test('lets tasks that were given before end, and refuses later ones', async () => {
    const pool = openPool();
    const { release } = await occupy(pool);
    const waiting = pool.run('echo', 'in time');
    const closed = pool.close();

    await expect(pool.run('echo', 'late')).rejects.toMatchObject({ code: 'THREADS_CLOSED' });
    expect(await release()).toBe('unblocked');
    expect(await waiting).toBe('in time');
    await closed;
  });
});
