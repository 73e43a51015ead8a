import { rm } from 'node:fs/promises';
import { hasApt, unpackDebianPackages } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RagProcess, startRag } from '../support/rag-process.ts';
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

  it('give the page that answers among the first', () => {
    expect(report.howToMrr).toBeGreaterThanOrEqual(0.5);
    expect(report.gitMrr).toBeGreaterThanOrEqual(0.58);
  });

  it('are quoted where they tell the fact', () => {
    expect(report.howToFacts).toBeGreaterThanOrEqual(0.55);
  });

  it('answer nothing that they do not say, and refuse nothing that they do', () => {
    expect(report.namedRefused).toBeGreaterThanOrEqual(10);
    expect(report.plainRefused).toBeGreaterThanOrEqual(6);
    expect(report.falselyRefused).toBeLessThanOrEqual(0.03);
  });
});
