import { beforeEach, describe, expect, it } from 'vitest';
import { Frontier, type FrontierOptions } from './frontier.ts';
import type { FrontierPage } from './host-queue.ts';

let nowMs: number;

beforeEach(() => {
  nowMs = 1000;
});

function frontierOf(urls: readonly string[], options: Partial<FrontierOptions> = {}): Frontier {
  const perHost = { maxInFlight: 2, delayMs: 0 };
  const frontier = new Frontier({ limit: 100, counted: 0, perHost, now: () => nowMs, ...options });
  for (const [order, url] of urls.entries()) frontier.enqueue({ url, depth: 0, order });
  return frontier;
}

function open(frontier: Frontier, ...hosts: string[]): void {
  for (const host of hosts) frontier.applyRobots(host, undefined);
}

function take(frontier: Frontier): FrontierPage {
  const page = frontier.next();
  if (page === undefined) throw new Error('no page is ready');
  return page;
}

describe('a frontier', () => {
  it('knows each URL once', () => {
    const frontier = frontierOf([]);
    expect([
      frontier.markSeen('http://a/'),
      frontier.markSeen('http://a/'),
      frontier.markSeen('http://b/'),
    ]).toEqual([true, false, true]);
  });

  it('hands out one page of a host until its robots.txt is known, then as many as allowed', () => {
    const frontier = frontierOf(['http://a/1', 'http://a/2', 'http://a/3', 'http://b/1']);
    expect([take(frontier).url, take(frontier).url, frontier.next()]).toEqual([
      'http://a/1',
      'http://b/1',
      undefined,
    ]);
    open(frontier, 'a');
    expect([take(frontier).url, frontier.next()]).toEqual(['http://a/2', undefined]);
  });

  it('hands out no more than the limit, with what was used before', () => {
    const frontier = frontierOf(['http://a/1', 'http://b/1', 'http://c/1'], { limit: 3, counted: 1 });
    const first = take(frontier);
    take(frontier);
    expect(frontier.next()).toBeUndefined();
    // A page that was not asked for leaves its fetch to another.
    frontier.finish(first, { isCounted: false });
    expect(take(frontier).url).toBe('http://c/1');
    expect(frontier.next()).toBeUndefined();
  });

  it('is done when its limit is used up, and says what is left', () => {
    const frontier = frontierOf(['http://a/1', 'http://a/2'], { limit: 1 });
    const page = take(frontier);
    expect(frontier.isDone).toBe(false);
    frontier.finish(page, { isCounted: true });
    expect(frontier.isDone).toBe(true);
    expect(frontier.remaining().map(({ url }) => url)).toEqual(['http://a/2']);
  });

  it('keeps the larger of its own delay and that of robots.txt, one page at a time', () => {
    const perHost = { maxInFlight: 5, delayMs: 100 };
    const frontier = frontierOf(['http://a/1', 'http://a/2', 'http://a/3'], { perHost });
    const first = take(frontier);
    frontier.applyRobots('a', 300);
    frontier.finish(first, { isCounted: true });
    expect(frontier.next()).toBeUndefined();
    expect(frontier.readyAtMs()).toBe(1300);
    nowMs = 1300;
    const second = take(frontier);
    nowMs = 1500;
    frontier.restartDelay('a');
    frontier.finish(second, { isCounted: true });
    expect(frontier.readyAtMs()).toBe(1800);
  });

  it('holds a host back, and the others go on', () => {
    const frontier = frontierOf(['http://a/1', 'http://b/1']);
    frontier.pauseHost('a', 5000);
    expect(take(frontier).url).toBe('http://b/1');
    expect(frontier.next()).toBeUndefined();
    expect(frontier.readyAtMs()).toBe(5000);
    nowMs = 5000;
    expect(take(frontier).url).toBe('http://a/1');
  });

  it('hands a page out again when its retry is due', () => {
    const frontier = frontierOf(['http://a/1']);
    const page = take(frontier);
    frontier.requeue({ ...page, retries: 1 }, 3000);
    expect([frontier.isDone, frontier.next(), frontier.readyAtMs()]).toEqual([false, undefined, 3000]);
    nowMs = 3000;
    expect(take(frontier)).toMatchObject({ url: 'http://a/1', retries: 1 });
  });

  it('is not done while a producer may still add pages', () => {
    const frontier = frontierOf([]);
    const producer = frontier.addProducer();
    expect(frontier.isDone).toBe(false);
    producer[Symbol.dispose]();
    expect(frontier.isDone).toBe(true);
  });
});
