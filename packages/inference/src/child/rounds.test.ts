import { describe, expect, it } from 'vitest';
import { createRounds, type RoundMember } from './rounds.ts';

const never = new AbortController().signal;

/** The tokens that each member was granted, by name. */
function createLog() {
  const granted: string[] = [];
  return {
    granted,
    ask(name: string, member: RoundMember, wanted: number, signal = never) {
      return member.turn(wanted, signal).then((tokens) => void granted.push(`${name}:${tokens}`));
    },
  };
}

/** Two members in the middle of their first round. */
async function startPair() {
  const rounds = createRounds(100);
  const [a, b] = [rounds.join('interactive'), rounds.join('interactive')];
  const log = createLog();
  await rounds.exclusive(async () => {
    void log.ask('a', a, 1);
    void log.ask('b', b, 1);
  });
  await settled();
  expect(log.granted).toEqual(['a:1', 'b:1']);
  return { rounds, a, b, ...log };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('rounds', () => {
  it('begin when the last of those who write has come back', async () => {
    const { a, b, granted, ask } = await startPair();
    void ask('a', a, 1);
    await settled();
    expect(granted).toEqual(['a:1', 'b:1']);
    void ask('b', b, 1);
    await settled();
    expect(granted.slice(2)).toEqual(['a:1', 'b:1']);
  });

  it('do not wait for those who have left', async () => {
    const { a, b, granted, ask } = await startPair();
    const next = ask('a', a, 1);
    b.leave();
    await next;
    expect(granted).toEqual(['a:1', 'b:1', 'a:1']);
  });

  it('give the room for prompts to the one that came first, and everyone a token', async () => {
    const rounds = createRounds(100);
    const first = rounds.join('interactive');
    await first.turn(1, never);
    const names = ['late', 'writer', 'early', 'third'] as const;
    const early = rounds.join('interactive');
    const members = {
      early,
      late: rounds.join('interactive'),
      writer: rounds.join('interactive'),
      third: rounds.join('interactive'),
    };
    const { granted, ask } = createLog();
    const wanted = { late: 500, writer: 1, early: 70, third: 30 };
    for (const name of names) void ask(name, members[name], wanted[name]);
    first.leave();
    await settled();
    expect(granted.toSorted()).toEqual(['early:70', 'late:30', 'writer:1']);
    members.early.leave();
    members.late.leave();
    void ask('writer', members.writer, 1);
    await settled();
    expect(granted.slice(3).toSorted()).toEqual(['third:30', 'writer:1']);
  });

  it('let interactive prompts go before background ones', async () => {
    const rounds = createRounds(10);
    const first = rounds.join('interactive');
    await first.turn(1, never);
    const { granted, ask } = createLog();
    const background = rounds.join('background');
    void ask('background', background, 10);
    void ask('interactive', rounds.join('interactive'), 10);
    first.leave();
    await settled();
    expect(granted).toEqual(['interactive:10']);
  });

  it('wait for work that needs the context for itself', async () => {
    const rounds = createRounds(100);
    const a = rounds.join('interactive');
    const { granted, ask } = createLog();
    const work = Promise.withResolvers<void>();
    const exclusive = rounds.exclusive(() => work.promise);
    void ask('a', a, 1);
    await settled();
    expect(granted).toEqual([]);
    work.resolve();
    await exclusive;
    await settled();
    expect(granted).toEqual(['a:1']);
    await expect(rounds.exclusive(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await ask('a', a, 1);
  });

  it('let go of one who gives up, waiting or not, without a token', async () => {
    const { a, b, granted, ask } = await startPair();
    const gone = new AbortController();
    const waiting = ask('a', a, 1, gone.signal);
    gone.abort();
    await waiting;
    expect(granted.at(-1)).toBe('a:0');
    expect(await a.turn(1, gone.signal)).toBe(0);
    await ask('b', b, 1);
    expect(granted.at(-1)).toBe('b:1');
  });
});
