import { readRetryAfter } from '@xnai/contracts/retry-after';
import { startTimeLimit } from '@xnai/resilience';
import { z } from 'zod';
import { ModelFetchError } from './fetch-error.ts';
import { type HubSource, SPLIT } from './model-source.ts';
import type { SourceFile } from './source-file.ts';

export interface HubOptions {
  /** `https://huggingface.co`, or a mirror that speaks the same protocol. */
  readonly endpoint: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the hub which file a source means.
 *
 * @throws {ModelFetchError} NOT_FOUND when the repository has no single file that matches
 */
export async function findHubFile(source: HubSource, { endpoint, signal }: HubOptions): Promise<SourceFile> {
  const { repository, revision } = source;
  const url = `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  using limit = startTimeLimit({ timeoutMs: ANSWER_MS, signal });
  const response = await request(url, { signal: limit.signal });
  const parsed = Repository.safeParse(parseJson(await response.text().catch(unreachable(url))));
  if (!parsed.success) throw new ModelFetchError('BAD_ANSWER', { detail: `${endpoint} about ${repository}` });
  const { sha, siblings, cardData } = parsed.data;
  const { rfilename: file, lfs } = choose(source, siblings);
  const fileUrl = `${endpoint}/${repository}/resolve/${sha}/${file}`;
  return {
    path: `${repository}/${file}`,
    sizeBytes: lfs.size,
    hash: { algorithm: 'sha256', hex: lfs.sha256 },
    version: lfs.sha256,
    license: typeof cardData?.license === 'string' ? cardData.license : undefined,
    url: fileUrl,
    origin: { repository, commit: sha },
    open: (fromByte, stop) =>
      request(fileUrl, { headers: fromByte > 0 ? { range: `bytes=${fromByte}-` } : {}, signal: stop }),
  };
}

/** A request that follows redirects and whose failures are {@link ModelFetchError}s. */
async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch(unreachable(url));
  if (response.ok) return response;
  await response.body?.cancel();
  const detail = `${new URL(url).host} answered ${response.status}`;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
  throw new ModelFetchError(CODES[response.status] ?? 'SOURCE_FAILED', { detail, retryAfterMs });
}

const CODES: Readonly<Record<number, 'RATE_LIMITED' | 'NOT_FOUND' | 'NO_ACCESS' | 'RANGE_REFUSED'>> = {
  401: 'NO_ACCESS',
  403: 'NO_ACCESS',
  404: 'NOT_FOUND',
  416: 'RANGE_REFUSED',
  429: 'RATE_LIMITED',
};

const ANSWER_MS = 20_000;

const Sibling = z.object({
  rfilename: z.string(),
  lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().positive() }).nullish(),
});
type Sibling = z.infer<typeof Sibling>;

const Repository = z.object({
  sha: z.string().regex(/^[0-9a-f]{6,64}$/),
  siblings: z.array(Sibling),
  cardData: z.looseObject({ license: z.unknown().optional() }).nullish(),
});

type LargeFile = Sibling & { readonly lfs: NonNullable<Sibling['lfs']> };

function choose({ repository, choice }: HubSource, siblings: readonly Sibling[]): LargeFile {
  const files = siblings.filter((file): file is LargeFile => isModel(file));
  const [wanted, isWanted] =
    'file' in choice
      ? [choice.file, (name: string) => name === choice.file]
      : [choice.quantization, (name: string) => hasQuantization(name, choice.quantization)];
  const found = files.filter(({ rfilename }) => isWanted(rfilename));
  const [first] = found;
  if (first !== undefined && found.length === 1 && !SPLIT.test(first.rfilename)) return first;
  const names = (first === undefined ? files : found).map(({ rfilename }) => rfilename).join(', ');
  const detail =
    first === undefined
      ? `${repository} has no ${wanted}, but ${names || 'no GGUF file at all'}`
      : `${wanted} is not a single file of ${repository}: ${names}`;
  throw new ModelFetchError('NOT_FOUND', { detail });
}

function isModel({ rfilename, lfs }: Sibling): boolean {
  const isSafe = rfilename.split('/').every((part) => /^[\w.-]+$/.test(part) && !/^\.\.?$/.test(part));
  return rfilename.toLowerCase().endsWith('.gguf') && lfs != null && isSafe;
}

function hasQuantization(file: string, quantization: string): boolean {
  const escaped = quantization.replace(/[^\w]/g, '\\$&');
  return new RegExp(`(^|[-._/])${escaped}([-._]|$)`, 'i').test(file.replace(/\.gguf$/i, ''));
}

/** Passes on an abort by the caller as it is. */
function unreachable(url: string) {
  return (error: Error): never => {
    if (error.name === 'AbortError' || error instanceof ModelFetchError) throw error;
    const cause = error.cause as NodeJS.ErrnoException | undefined;
    const reason = cause?.code ?? cause?.message ?? error.message;
    throw new ModelFetchError('UNREACHABLE', { detail: `${new URL(url).host} (${reason})`, cause: error });
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}
