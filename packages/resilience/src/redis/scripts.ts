import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Command } from '../circuit/command.ts';

/** A script as Redis knows it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export type ScriptName = Command['kind'] | 'announce';

/** Reads the scripts of this package. `clock` replaces the server's time, so that a test can hold it still. */
export const readScripts = ({
  clock = part('clock'),
}: {
  readonly clock?: string;
} = {}): Readonly<Record<ScriptName, Script>> => {
  const step = (name: string, ...before: readonly string[]) =>
    script([shebang, part('header'), clock, part('record'), ...before, part(name)].join('\n'));
  const fenced = (name: string) => step(name, part('known'));
  return {
    trip: fenced('trip'),
    lease: fenced('lease'),
    settle: fenced('settle'),
    flush: fenced('flush'),
    force: fenced('force'),
    seed: step('seed'),
    announce: script([shebang, clock, part('announce')].join('\n')),
  };
};

/** Runs a script by its hash; a server that does not know it, being new or emptied, is told once. */
export const run = async (
  client: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> => {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    // Loaded apart from its run, so that a user without EVAL can do it.
    await client.script('LOAD', text);
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  }
};

/** A breaker must be able to open just when Redis is full. Has to be the first line. */
const shebang = '#!lua flags=allow-oom';

const part = (name: string): string => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');

const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });
