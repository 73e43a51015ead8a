import { rm } from 'node:fs/promises';
import { hasApt, unpackDebianPackages } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RagProcess, startRag } from '../support/rag-process.ts';
import { manualRows } from './bars.ts';
import { MANUAL_PACKAGES, readManualPages } from './manual-packages.ts';
import { askManuals, ingestManuals, type ManualReport } from './manuals.ts';

const isSkipped = !hasApt();
if (isSkipped) console.warn('SKIPPED: the manuals come as Debian packages, and there is no apt here');

describe.skipIf(isSkipped)('three manuals, asked as people ask', () => {
  let folder: string;
  let rag: RagProcess;
  let report: ManualReport;
  beforeAll(async () => {
    folder = unpackDebianPackages(...MANUAL_PACKAGES);
    rag = await startRag();
    await ingestManuals(rag.client, 'test', await readManualPages(folder));
    report = await askManuals(rag.client, 'test');
  }, 300_000);
  afterAll(async () => {
    await rag?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are found, answered and refused at least as well as the bars say', () => {
    const missed = manualRows(report).filter(({ isMet }) => isMet === false);
    expect(missed).toEqual([]);
  });
});
