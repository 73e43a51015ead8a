import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Default number of parallel requests per host; a crawl may override it. */
export const MAX_PER_HOST = 5;

/** How a host is to be treated by the one who asks it next. */
export interface HostPace {
  /** Between the end of the last request to the host, of any replica, and the next one. */
  readonly gapMs: number;
  /** Maximum number of requests to the host under way; one while there is a gap. */
  readonly maxInFlight: number;
}

/** The requests to each host, of all crawls, scrapes, maps and batches of all replicas together. */
export interface HostGate {
  /** A place for one request; or, when there is none, the time after which to ask again. */
  enter(host: string, pace: HostPace): Promise<{ readonly place: string } | { readonly retryMs: number }>;
  leave(host: string, place: string): Promise<void>;
  /** Nothing is asked of the host before `untilMs`, or before a minute is over. */
  pause(host: string, untilMs: number): Promise<void>;
}

/** The host has no place for a request at present. */
export class HostBusy extends Error {
  readonly retryMs: number;
  constructor(retryMs: number) {
    super('other requests to the host are under way, or it rests');
    this.name = 'HostBusy';
    this.retryMs = retryMs;
  }
}

/** The place of a process that died is free again after this. Who holds one renews it three times in this time. */
const LEASE_MS = 15_000;
/** Longer than a page may take: a place is not renewed beyond, for who could not leave it. */
const HELD_MS = 120_000;
/** Longer than any gap. */
const STATE_MS = 120_000;
const MAX_PAUSE_MS = 60_000;
/** How soon a place may come free. */
const POLL_MS = 50;

/** KEYS: places (sorted set by the end of their lease), state. ARGV: now, gap, maximum, lease, place, life of the state. */
const ENTER = `
local now, gap, max, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local state = redis.call('HMGET', KEYS[2], 'last', 'paused')
local ready = math.max((tonumber(state[1]) or 0) + gap, tonumber(state[2]) or 0)
if ready > now then return ready - now end
if redis.call('ZCARD', KEYS[1]) >= (gap > 0 and 1 or max) then return ${POLL_MS} end
redis.call('ZADD', KEYS[1], now + lease, ARGV[5])
redis.call('PEXPIRE', KEYS[1], lease)
redis.call('HSET', KEYS[2], 'last', now)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 0`;

/** KEYS: as above. ARGV: place, now, life of the state. */
const LEAVE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'last', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 0`;

/** KEYS: state. ARGV: until, lifetime. */
const PAUSE = `
local paused = tonumber(redis.call('HGET', KEYS[1], 'paused') or 0)
redis.call('HSET', KEYS[1], 'paused', math.max(paused, tonumber(ARGV[1])))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 0`;

type Argument = string | number;
type Commands = Record<'gate:enter' | 'gate:leave' | 'gate:pause', (...args: Argument[]) => Promise<unknown>>;

/** The scripts as commands, which are sent by their hash: every page enters and leaves once. */
function defineCommands(redis: Redis): Commands {
  redis.defineCommand('gate:enter', { numberOfKeys: 2, lua: ENTER });
  redis.defineCommand('gate:leave', { numberOfKeys: 2, lua: LEAVE });
  redis.defineCommand('gate:pause', { numberOfKeys: 1, lua: PAUSE });
  return redis as unknown as Commands;
}

/** @param leaseMs tests shorten it */
export function createHostGate(redis: Redis, leaseMs = LEASE_MS): HostGate {
  const commands = defineCommands(redis);
  const placesOf = (host: string) => `xnai:crawl:gate:places:${host}`;
  const stateOf = (host: string) => `xnai:crawl:gate:state:${host}`;
  const held = new HeldPlaces(leaseMs / 3, ({ host, place }) =>
    redis
      .multi()
      .zadd(placesOf(host), 'XX', Date.now() + leaseMs, place)
      .pexpire(placesOf(host), leaseMs)
      .exec(),
  );
  return {
    async enter(host, { gapMs, maxInFlight }) {
      const place = randomBytes(9).toString('base64url');
      const args = [Date.now(), gapMs, maxInFlight, leaseMs, place, STATE_MS];
      const waitMs = Number(await commands['gate:enter'](placesOf(host), stateOf(host), ...args));
      if (waitMs > 0) return { retryMs: waitMs };
      held.add({ host, place, untilMs: Date.now() + HELD_MS });
      return { place };
    },
    async leave(host, place) {
      held.delete(place);
      await commands['gate:leave'](placesOf(host), stateOf(host), place, Date.now(), STATE_MS);
    },
    async pause(host, untilMs) {
      const pauseMs = Math.min(Math.max(untilMs - Date.now(), 0), MAX_PAUSE_MS);
      await commands['gate:pause'](stateOf(host), Date.now() + pauseMs, pauseMs + STATE_MS);
    },
  };
}

interface HeldPlace {
  readonly host: string;
  readonly place: string;
  readonly untilMs: number;
}

/** The places of this process, which are renewed at an interval while there are any. */
class HeldPlaces {
  readonly #places = new Map<string, HeldPlace>();
  readonly #everyMs: number;
  readonly #renew: (place: HeldPlace) => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number, renew: (place: HeldPlace) => Promise<unknown>) {
    this.#everyMs = everyMs;
    this.#renew = renew;
  }

  add(place: HeldPlace): void {
    this.#places.set(place.place, place);
    this.#timer ??= setInterval(() => this.#renewAll(), this.#everyMs).unref();
  }

  delete(place: string): void {
    this.#places.delete(place);
    if (this.#places.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #renewAll(): void {
    for (const place of this.#places.values()) {
      if (place.untilMs < Date.now()) this.delete(place.place);
      // Unrenewed, a place may be given to another: the host then has one request more.
      else this.#renew(place).catch(() => {});
    }
  }
}

/**
 * Makes one request to a host in a place of its own.
 * @throws {HostBusy} when the host has none at present
 */
export async function throughGate<T>(
  gate: HostGate,
  host: string,
  { pace, request }: { readonly pace: HostPace; readonly request: () => Promise<T> },
): Promise<T> {
  const entered = await gate.enter(host, pace);
  if ('retryMs' in entered) throw new HostBusy(entered.retryMs);
  try {
    return await request();
  } finally {
    await gate.leave(host, entered.place);
  }
}
