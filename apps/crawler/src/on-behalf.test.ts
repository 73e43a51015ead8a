import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
/** In a network where every address leads to this machine, a site can have a public one. */
const NETWORK = [
  '-rn',
  'sh',
  '-c',
  'ip link set lo up && ip route add local 0.0.0.0/0 dev lo && exec "$@"',
  'sh',
];
const canRoute = spawnSync('unshare', [...NETWORK, 'true']).status === 0;
if (!canRoute) process.stderr.write('skipped: no right to a network of our own, so no public sites\n');

interface Act {
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered.
  readonly result: any;
  readonly arrived: readonly string[];
}

const HOME = 'http://93.184.216.34';
const WIKI = 'http://10.9.8.7:8080';

describe.skipIf(!canRoute)('a private site that the owner allowed', () => {
  let acts: Record<string, Act>;

  beforeAll(async () => {
    const entry = new URL('./testing/private-and-public.ts', import.meta.url).pathname;
    const args = [process.execPath, entry, ...(chromium === undefined ? [] : [chromium])];
    const { stdout } = await promisify(execFile)('unshare', [...NETWORK, ...args]);
    acts = JSON.parse(stdout);
  }, 400_000);

  it('is reached as the target, and from itself and other sites of the kind', () => {
    expect(acts['scrapeWiki']?.result.markdown).toContain('All about Shown');
    expect(acts['scrapeMoved']?.result.markdown).toContain('All about Moved');
    expect(acts['scrapeToPublic']?.result.markdown).toContain('All about About');
    const { indexed, status } = acts['crawlWiki']?.result ?? {};
    expect(status).toBe('completed');
    expect(indexed).toEqual([
      `${WIKI}/`,
      `${WIKI}/app`,
      `${WIKI}/shown`,
      'http://10.9.8.8/manual',
      'http://10.9.8.8/moved-here',
      `${HOME}/back`,
    ]);
  });

  it('is not reached by links, sitemaps, redirects or refreshes of public pages', () => {
    expect(acts['scrapeToWiki']).toEqual({
      result: { status: 422, code: 'TARGET_NOT_PUBLIC' },
      arrived: [],
    });
    expect(acts['scrapeToNamed']).toEqual(acts['scrapeToWiki']);
    expect(acts['scrapeRefresh']).toEqual(acts['scrapeToWiki']);
    // Asked for by the private site, but answered by a public one.
    expect(acts['scrapeAway']?.result.code).toBe('TARGET_NOT_PUBLIC');
    expect(acts['scrapeAway']?.arrived).toEqual(['GET /robots.txt 10.9.8.7', 'GET /away 10.9.8.7']);
    expect(acts['crawlPublic']).toEqual({
      arrived: [],
      result: {
        status: 'completed',
        indexed: [`${HOME}/`, `${HOME}/about`],
        errors: [
          `not-public ${WIKI}/linked`,
          `not-public ${WIKI}/mapped`,
          'not-public http://10.9.8.8:443/',
          'not-public http://10.9.8.9/',
          `not-public ${HOME}/refresh`,
          `not-public ${HOME}/to-named`,
          `not-public ${HOME}/to-wiki`,
        ],
      },
    });
    expect(acts['mapPublic']?.arrived).toEqual([]);
    expect(JSON.stringify(acts['mapPublic']?.result)).not.toContain('10.9.8');
    // A page that only a public one leads to is left out of the crawl of the private site, too.
    expect(acts['crawlWiki']?.arrived).not.toContain('GET /secret 10.9.8.7');
    expect(acts['crawlWiki']?.result.errors).toEqual([
      `not-public ${WIKI}/away`,
      `not-public ${WIKI}/secret`,
      'not-public http://10.9.8.9/',
    ]);
  });

  it.skipIf(chromium === undefined)('is not reached by scripts of public pages, by whatever method', () => {
    expect(acts['renderAttack']?.result.markdown).toContain('Answers: ');
    expect(acts['renderAttack']?.arrived).toEqual([]);
    expect(acts['renderLeave']).toEqual({
      result: { status: 422, code: 'TARGET_NOT_PUBLIC' },
      arrived: [],
    });
  });

  it.skipIf(chromium === undefined)('is read, and never written to, by scripts of its own pages', () => {
    const { result, arrived } = acts['renderWiki'] ?? {};
    const answers = 'data of the wiki, data of the wiki, data of the other, Refused, Refused, Refused';
    expect(result.markdown).toContain(`Answers: ${answers}, , socket error, socket error`);
    expect(arrived).toEqual([
      'GET /robots.txt 10.9.8.7',
      'GET /app 10.9.8.7',
      'GET /data 10.9.8.7',
      'GET /moved-data 10.9.8.7',
      'GET /data 10.9.8.7',
      'GET /shared 10.9.8.8',
    ]);
  });
});
