import { rm } from 'node:fs/promises';
import type { RagClient } from '@xnai/contracts/client';
import { hasApt, unpackDebianPackages } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualRows } from './bars.ts';
import { MANUAL_PACKAGES, readManualPages } from './manual-packages.ts';
import { askManuals, ingestManuals, type ManualReport } from './manuals.ts';

const isSkipped = !hasApt();
if (isSkipped) console.warn('SKIPPED: the manuals come as Debian packages, and there is no apt here');

/** What a rag with any store answers of three manuals. `open` starts one with an empty index. */
export function describeManuals(
  engine: string,
  open: () => Promise<AsyncDisposable & { readonly client: RagClient }>,
): void {
  describe.skipIf(isSkipped)(`three manuals in ${engine}, asked as people ask`, () => {
    let report: ManualReport;
    const opened = new AsyncDisposableStack();
    beforeAll(async () => {
      const folder = unpackDebianPackages(...MANUAL_PACKAGES);
      opened.defer(() => rm(folder, { recursive: true, force: true }));
      const { client } = opened.use(await open());
      await ingestManuals(client, 'test', await readManualPages(folder));
      report = await askManuals(client, 'test');
    }, 300_000);
    afterAll(() => opened.disposeAsync());

    it('are found, answered and refused at least as well as the bars say', () => {
      const missed = manualRows(report).filter(({ isMet }) => isMet === false);
      expect(missed).toEqual([]);
    });
  });
}
