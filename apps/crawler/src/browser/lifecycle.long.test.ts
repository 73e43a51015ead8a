import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEgress } from '../egress/open-egress.ts';
import { createFetcher } from '../fetch/fetcher.ts';
import { openLocalSite } from '../fetch/fixtures/local-site.ts';
import { findChromium } from './find-chromium.ts';
import { processesOf } from './kill-processes-of.ts';
import { openRenderer } from './open-renderer.ts';
import { createPageFetcher } from './page-fetcher.ts';

const executable = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const PAGES = 500;
const KILL_AT = 200;

test.skipIf(executable === undefined)(
  'after 500 pages and a kill nothing is left, and memory stays flat',
  async () => {
    const workDir = mkdtempSync(join(tmpdir(), 'xnai-lifecycle-'));
    await using site = await openLocalSite({
      '/': '<div id=root></div><script>root.textContent = "x".repeat(100_000); fetch("/data")</script>',
      '/data': 'y'.repeat(100_000),
    });
    const allowedOrigins = [site.origin];
    await using egress = await openEgress({ allowedOrigins });
    await using fetcher = createFetcher({ userAgent: 'test', allowedOrigins, egress });
    const renderer = openRenderer({
      settings: { executable: executable ?? '', isSandboxed: process.getuid?.() !== 0 },
      egress,
      workDir,
      userAgent: 'test',
      caps: { pagesPerBrowser: 60 },
    });
    const pages = createPageFetcher({ fetcher, renderer, render: 'always' });
    const rssMb: number[] = [];
    let failed = 0;
    for (let page = 0; page < PAGES; page += 1) {
      if (page === KILL_AT) killBrowser(workDir);
      await pages.fetch(`${site.origin}/`).catch(() => {
        failed += 1;
      });
      if (page % 50 === 49) rssMb.push(process.memoryUsage.rss() / 1024 ** 2);
    }
    await renderer[Symbol.asyncDispose]();
    expect(failed).toBeLessThanOrEqual(1);
    expect(renderer.launches).toBe(Math.ceil((PAGES - KILL_AT) / 60) + Math.ceil(KILL_AT / 60));
    expect(processesOf(workDir)).toEqual([]);
    expect(readdirSync(workDir)).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('playwright_chromiumdev_profile'))).toEqual(
      [],
    );
    const [early = 0, late = 0] = [rssMb[2], rssMb.at(-1)];
    expect(late - early).toBeLessThan(100);
    rmSync(workDir, { recursive: true });
  },
);

function killBrowser(workDir: string): void {
  const main = processesOf(workDir).filter(
    ({ pid }) => !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type='),
  );
  for (const { pid } of main) process.kill(pid, 'SIGKILL');
}
