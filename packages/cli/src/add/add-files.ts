import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { ContentType, type DocumentInput } from '@xnai/contracts';
import { ClientError, type RagClient } from '@xnai/contracts/client';
import { explainFailure } from '@xnai/mcp/texts';
import { CommandError } from '../command.ts';
import { pause } from '../pause.ts';
import { type FoundFile, typeOf } from './find-files.ts';
import { readFileBytes } from './read-bytes.ts';

export interface Added {
  readonly name: string;
  readonly status: 'indexed' | 'unchanged' | 'failed';
  readonly error?: string;
}

export interface AddOptions {
  readonly collection: string;
  readonly signal: AbortSignal;
  readonly onAdded: (added: Added, done: number) => void;
}

const AT_ONCE = 4;

/**
 * Puts files into a collection. A document's id comes from the path of its file, so that a file that changed replaces its
 * former text; one whose bytes are those of the document is not sent.
 */
export async function addFiles(
  rag: RagClient,
  files: readonly FoundFile[],
  options: AddOptions,
): Promise<readonly Added[]> {
  const known = await knownHashes(rag, options);
  const all: Added[] = [];
  const queue = files.values();
  const work = async () => {
    for (const file of queue) {
      options.signal.throwIfAborted();
      all.push(await addFile(rag, file, { ...options, known }));
      options.onAdded(all.at(-1) as Added, all.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** By document, the hash of the file that it was read from. */
async function knownHashes(
  rag: RagClient,
  { collection, signal }: AddOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const hashes = new Map<string, unknown>();
  try {
    for await (const { id, metadata } of rag.everyDocument(collection, { signal }))
      hashes.set(id, metadata['file_sha256']);
  } catch (error) {
    // The first file makes the collection; a key that may not read it may still write.
    const { code } = error as ClientError;
    if (code !== 'COLLECTION_NOT_FOUND' && code !== 'FORBIDDEN') throw error;
  }
  return hashes;
}

interface OneFileOptions extends AddOptions {
  readonly known: ReadonlyMap<string, unknown>;
}

async function addFile(rag: RagClient, { path, name }: FoundFile, options: OneFileOptions): Promise<Added> {
  try {
    const bytes = await readFileBytes(path);
    const id = sha256(path).slice(0, 32);
    const hash = sha256(bytes);
    if (options.known.get(id) === hash) return { name, status: 'unchanged' };
    const type = typeOf(path) ?? 'text/plain';
    const metadata = { file_name: basename(path), path: name, file_sha256: hash };
    const { status } = await put(rag, id, { ...documentOf(bytes, type), metadata }, options);
    return { name, status: status === 'unchanged' ? 'unchanged' : 'indexed' };
  } catch (error) {
    options.signal.throwIfAborted();
    return { name, status: 'failed', error: explain(error) };
  }
}

function explain(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? explainFailure(error) : `cannot be read: ${code}`;
}

/** Bytes as the API takes them. Types that are kinds of text, and have no name there, are sent as text. */
export function documentOf(bytes: Buffer, type: string): DocumentInput {
  const known = ContentType.safeParse(type).data ?? 'text/plain';
  return { content: bytes.toString('base64'), encoding: 'base64', content_type: known };
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

const TRIES = 10;

/** A service that is full, or a limit that is reached, is asked again when it says so. */
async function put(
  rag: RagClient,
  id: string,
  document: DocumentInput,
  { collection, signal }: Pick<AddOptions, 'collection' | 'signal'>,
) {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await rag.putDocument(collection, id, document, { signal });
    } catch (error) {
      const waitMs = error instanceof ClientError && error.retryable ? error.retryAfterMs : undefined;
      if (waitMs === undefined || left === 0) throw error;
      await pause(waitMs, signal);
    }
  }
}
