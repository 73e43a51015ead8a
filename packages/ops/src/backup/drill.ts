import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RagClient } from '@xnai/contracts/client';
import { readSigningKey } from '@xnai/secrets';
import { listKeys } from '@xnai/service';
import { z } from 'zod';
import { commandAudit, verifyAudit } from '../audit/index.ts';
import type { DrillCheck } from './drill-check.ts';
import { checkRedis } from './drill-redis.ts';
import type { Receipt } from './manifest.ts';
import { type RestoreOptions, restoreBackup } from './restore.ts';
import { startSecondRag } from './second-rag.ts';
import { placesIn } from './stack-places.ts';

/** A question that the restored stack must answer. */
export const DrillQuestion = z.strictObject({
  collection: z.string().default('default'),
  query: z.string(),
  /** Id of a document that must be among the citations of the answer. */
  cites: z.string().optional(),
});
export type DrillQuestion = z.infer<typeof DrillQuestion>;

export interface DrillOptions extends Pick<RestoreOptions, 'target' | 'identities' | 'signal'> {
  /** Where the second stack lies until the end of the drill. */
  readonly workFolder: string;
  readonly questions: readonly DrillQuestion[];
}

export interface DrillReport {
  readonly backup: string;
  readonly checks: readonly DrillCheck[];
  /** Reading, unpacking and putting in place. */
  readonly restoreMs: number;
  /** From then until the second rag answered. */
  readonly startMs: number;
}

const SAMPLED_DOCUMENTS = 3;

/**
 * Restores a backup into a second stack beside this one, asks it, and deletes it: the audit must verify, the counts must be
 * those of the manifest, some documents of each collection must be found by their titles, and questions must be answered.
 * The data of a Redis must load in a second one, with a readable record of each crawl. No crawl goes on there: that
 * would ask the sites twice.
 *
 * @throws {BackupError} when the backup cannot be restored, or TORN when rag does not start on it
 */
export async function drillBackup(receipt: Receipt, options: DrillOptions): Promise<DrillReport> {
  const { workFolder, target, identities, signal } = options;
  await using held = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(workFolder, 'xnai-drill-'));
  held.defer(() => rm(dataDir, { recursive: true, force: true }));
  const places = placesIn(dataDir);
  const began = performance.now();
  await restoreBackup(receipt, {
    places,
    target,
    identities,
    signal,
    replaceStack: false,
    audit: commandAudit(places.audit),
  });
  const restored = performance.now();
  const kept = [
    await checkAudit(places.audit, receipt),
    await checkKeys(places.keys),
    ...(await checkRedis(places.redis, signal)),
  ];
  const { client } = held.use(await startSecondRag(dataDir, signal));
  const started = performance.now();
  const checks = [
    ...kept,
    await checkCounts(client, receipt),
    ...(await checkDocuments(client)),
    ...(await checkQuestions(client, options.questions)),
  ];
  return { backup: receipt.name, checks, restoreMs: restored - began, startMs: started - restored };
}

async function checkAudit(
  audit: { folder: string; keyFile: string },
  { manifest }: Receipt,
): Promise<DrillCheck> {
  const known = Object.entries(manifest.audit).map(([writer, head]) => ({
    writer,
    ...head,
    from: 'the backup',
  }));
  const { chains, findings } = await verifyAudit(audit.folder, {
    key: await readSigningKey(audit.keyFile),
    known,
  });
  const lines = chains.reduce((sum, chain) => sum + chain.lines, 0);
  const detail =
    findings[0] === undefined ? `${lines} lines verified` : `${findings[0].at}: ${findings[0].text}`;
  return { name: 'audit', isPassed: findings.length === 0, detail };
}

async function checkKeys(file: string): Promise<DrillCheck> {
  const { length } = await listKeys(file);
  return { name: 'keys', isPassed: length > 0, detail: `${length} keys` };
}

async function checkCounts(client: RagClient, { manifest }: Receipt): Promise<DrillCheck> {
  const found = { collections: 0, documents: 0, chunks: 0 };
  for await (const { documents, chunks } of client.everyCollection()) {
    found.collections += 1;
    found.documents += documents;
    found.chunks += chunks;
  }
  const { collections, documents, chunks } = manifest.index;
  const expected = { collections, documents, chunks };
  const isPassed = JSON.stringify(found) === JSON.stringify(expected);
  const text = ({ collections, documents, chunks }: typeof found) =>
    `${collections} collections, ${documents} documents, ${chunks} chunks`;
  return {
    name: 'counts',
    isPassed,
    detail: isPassed ? text(found) : `${text(found)}; the backup says ${text(expected)}`,
  };
}

/** Some documents of each collection, searched by the beginning of their text. */
async function checkDocuments(client: RagClient): Promise<DrillCheck[]> {
  const checks: DrillCheck[] = [];
  for await (const { name } of client.everyCollection()) {
    const { documents } = await client.listDocuments(name, { limit: SAMPLED_DOCUMENTS });
    const found = await Promise.all(documents.map(({ id }) => isFound(client, name, id)));
    const missing = documents.filter((_, index) => !found[index]).map(({ id }) => id);
    const detail =
      missing.length === 0
        ? `${documents.length} documents found by search`
        : `not found: ${missing.join(', ')}`;
    checks.push({ name: `collection ${name}`, isPassed: missing.length === 0, detail });
  }
  return checks;
}

const HITS = 50;
const QUERY_CHARACTERS = 200;

async function isFound(client: RagClient, collection: string, id: string): Promise<boolean> {
  const { chunks, title } = await client.getDocument(collection, id);
  const query = `${title ?? ''} ${chunks[0]?.text ?? ''}`.trim().slice(0, QUERY_CHARACTERS);
  // A document without words cannot be searched.
  if (!/[\p{L}\p{N}]/u.test(query)) return true;
  const { results } = await client.search({ collection, query, top_k: HITS });
  return results.some((result) => result.document_id === id);
}

async function checkQuestions(client: RagClient, questions: readonly DrillQuestion[]): Promise<DrillCheck[]> {
  const checks: DrillCheck[] = [];
  for (const { collection, query, cites } of questions) {
    const { answer, citations } = await client.query({ collection, query });
    const isPassed =
      cites === undefined ? citations.length > 0 : citations.some((one) => one.document_id === cites);
    checks.push({
      name: `question "${query}"`,
      isPassed,
      detail: `${citations.length} citations: ${answer.slice(0, 100)}`,
    });
  }
  return checks;
}
