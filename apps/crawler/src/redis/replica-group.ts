import { Redis, type RedisOptions } from 'ioredis';

/** A server besides the master, as the sentinels list it. */
interface Replica {
  readonly host: string;
  readonly port: number;
  /** All sentinels that were asked have not heard of it for `down-after-milliseconds`, and choose it for nothing. */
  readonly isDown: boolean;
}

/** Without the one option that ioredis' own types refuse when it may be undefined. */
type Login = Omit<RedisOptions, 'replyMapping'>;

type Role = 'master' | 'replica' | 'nothing listens' | 'silent';

/** For how long a count of all replicas is taken for true, and what is known of those that are missing or slow. */
const WHOLE_MS = 60_000;
const PARTIAL_MS = 1_000;
/** Within the time that a request waits for Redis, together with the confirmation before it. */
const ANSWER_MS = 300;

/**
 * The replicas of a master that sentinels watch. A write that all of them have survives any failover. One that only some
 * have does so unless another is made the master, which happens some moments before clients and the other replicas know it:
 * meanwhile the old master takes writes, and a replica that still follows it confirms them.
 */
export class ReplicaGroup {
  readonly #options: RedisOptions;
  #replicas: readonly Replica[] = [];
  #listedAtMs = 0;
  /** Nobody has said yet how many there are. */
  #enough = Number.POSITIVE_INFINITY;
  #enoughUntilMs = 0;
  #prompt = 0;
  #promptUntilMs = 0;
  #listing: Promise<void> | undefined;
  #asking: Promise<boolean> = Promise.resolve(true);
  #asksNext: Promise<boolean> | undefined;

  /** @param options of a client that finds the master through sentinels */
  constructor(options: RedisOptions) {
    this.#options = options;
  }

  /**
   * How many replicas are `enough` to confirm a write, at least one, and infinitely many while no sentinel has told of any;
   * and how many of them are `prompt`: to wait for others would hold up every write while one of them is slow.
   */
  async needed(): Promise<{ readonly enough: number; readonly prompt: number }> {
    if (Date.now() >= this.#enoughUntilMs) await this.#list();
    const isSlow = Date.now() < this.#promptUntilMs;
    return { enough: this.#enough, prompt: isSlow ? Math.min(this.#prompt, this.#enough) : this.#enough };
  }

  /** Whether a write that fewer have confirmed survives: every other replica says that it is one, or is no more. */
  isKept(confirmations: number): Promise<boolean> {
    this.#prompt = confirmations;
    this.#promptUntilMs = Date.now() + PARTIAL_MS;
    // What is asked now was asked before this write, perhaps; those who come meanwhile share the next time.
    this.#asksNext ??= this.#asking.then(() => {
      this.#asksNext = undefined;
      this.#asking = this.#ask();
      return this.#asking;
    });
    return this.#asksNext;
  }

  async #ask(): Promise<boolean> {
    if (Date.now() >= this.#listedAtMs + PARTIAL_MS) await this.#list();
    const roles = await Promise.all(this.#replicas.map((replica) => this.#roleOf(replica)));
    const isKnown = (role: Role, at: number) =>
      role === 'replica' || role === 'nothing listens' || (role === 'silent' && this.#replicas[at]?.isDown);
    if (!roles.every(isKnown)) return false;
    this.#await(roles.filter((role) => role === 'replica').length);
    return true;
  }

  /** From now on these many are enough. One that is gone may come back. */
  #await(replicas: number): void {
    this.#enough = Math.max(replicas, 1);
    this.#enoughUntilMs = Date.now() + (replicas === this.#replicas.length ? WHOLE_MS : PARTIAL_MS);
  }

  /** While no sentinel answers, what the last one said holds. */
  #list(): Promise<void> {
    this.#listing ??= this.#listNow().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #listNow(): Promise<void> {
    const { sentinels, name, sentinelUsername, sentinelPassword, sentinelTLS } = this.#options;
    const login = {
      ...(sentinelUsername !== undefined && { username: sentinelUsername }),
      ...(sentinelPassword !== undefined && { password: sentinelPassword }),
      ...(sentinelTLS !== undefined && { tls: sentinelTLS }),
    };
    const lists = await Promise.allSettled(
      (sentinels ?? []).map(({ host = '', port = 26_379 }) =>
        askOnce({ ...login, host, port }, 'SENTINEL', 'replicas', String(name)),
      ),
    );
    const listed = lists.flatMap((list) => (list.status === 'fulfilled' ? (list.value as unknown[]) : []));
    if (listed.length === 0) return;
    this.#replicas = merge(listed.map(toReplica));
    this.#listedAtMs = Date.now();
    this.#await(this.#replicas.filter(({ isDown }) => !isDown).length);
  }

  /** HELLO is allowed to every user. */
  async #roleOf({ host, port }: Replica): Promise<Role> {
    const { username, password, tls } = this.#options;
    const login = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
    };
    try {
      const answer = await askOnce({ ...login, host, port }, 'HELLO');
      return fieldsOf(answer).get('role') === 'master' ? 'master' : 'replica';
    } catch (error) {
      return (error as { code?: string }).code === 'ECONNREFUSED' ? 'nothing listens' : 'silent';
    }
  }
}

/** @throws {Error} with the code of why there is no connection */
async function askOnce(at: Login, command: string, ...args: string[]): Promise<unknown> {
  let fault: Error | undefined;
  const client = new Redis({
    ...at,
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
  });
  // The promise of a connection says only that it is closed.
  client.on('error', (error: Error) => {
    fault ??= error;
  });
  try {
    await client.connect();
    return await client.call(command, ...args);
  } catch (error) {
    throw fault ?? error;
  } finally {
    client.disconnect();
  }
}

function toReplica(listed: unknown): Replica {
  const fields = fieldsOf(listed);
  return {
    host: fields.get('ip') ?? '',
    port: Number(fields.get('port')),
    isDown: /\b[so]_down\b/.test(fields.get('flags') ?? ''),
  };
}

function fieldsOf(answer: unknown): ReadonlyMap<string, string> {
  const parts = Array.isArray(answer) ? answer : [];
  return new Map(
    parts.flatMap((part, at) => (at % 2 === 0 ? [[String(part), String(parts[at + 1])] as const] : [])),
  );
}

/** By address; down is what every sentinel says is. */
function merge(listed: readonly Replica[]): readonly Replica[] {
  const byAddress = new Map<string, Replica>();
  for (const one of listed) {
    const address = `${one.host}:${one.port}`;
    const isDown = one.isDown && (byAddress.get(address)?.isDown ?? true);
    byAddress.set(address, { ...one, isDown });
  }
  return [...byAddress.values()];
}
