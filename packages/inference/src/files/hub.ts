import { readRetryAfter } from '@xnai/contracts/retry-after';
import { z } from 'zod';
import { FetchError } from './fetch-error.ts';
import type { HubSource } from './model-source.ts';

/** One file as the hub states it. */
export interface HubFile {
  readonly repository: string;
  readonly commit: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly license: string | undefined;
  readonly url: string;
}

export interface HubOptions {
  /** `https://huggingface.co`, or a mirror that speaks the same protocol. */
  readonly endpoint: string;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the hub which file is meant. Throws {@link FetchError}. */
export async function findHubFile(source: HubSource, { endpoint, signal }: HubOptions): Promise<HubFile> {
  const { repository, revision } = source;
  const url = `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const response = await request(url, {
    signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])]),
  });
  const parsed = Repository.safeParse(parseJson(await response.text().catch(unreachable(url))));
  if (!parsed.success) throw new FetchError('BAD_ANSWER', { detail: `${endpoint} about ${repository}` });
  const { sha, siblings, cardData } = parsed.data;
  const chosen = choose(source, siblings);
  return {
    repository,
    commit: sha,
    file: chosen.rfilename,
    sizeBytes: chosen.lfs.size,
    sha256: chosen.lfs.sha256,
    license: typeof cardData?.license === 'string' ? cardData.license : undefined,
    url: `${endpoint}/${repository}/resolve/${sha}/${chosen.rfilename}`,
  };
}

/** A request whose failures are {@link FetchError}s; redirects are followed. */
export async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch(unreachable(url));
  if (response.ok) return response;
  await response.body?.cancel();
  const detail = `${new URL(url).host} answered ${response.status}`;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
  if (response.status === 429) throw new FetchError('RATE_LIMITED', { detail, retryAfterMs });
  if (response.status === 404) throw new FetchError('NOT_FOUND', { detail });
  if (response.status === 401 || response.status === 403) throw new FetchError('NO_ACCESS', { detail });
  if (response.status === 416) throw new FetchError('RANGE_REFUSED', { detail });
  throw new FetchError('HUB_FAILED', { detail, retryAfterMs });
}

const ANSWER_MS = 20_000;

const Sibling = z.object({
  rfilename: z.string(),
  lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().positive() }).nullish(),
});
type Sibling = z.infer<typeof Sibling>;

const Repository = z.object({
  sha: z.string().regex(/^[0-9a-f]{6,64}$/),
  siblings: z.array(Sibling),
  cardData: z.looseObject({ license: z.unknown() }).nullish(),
});

type LargeFile = Sibling & { readonly lfs: NonNullable<Sibling['lfs']> };

function choose({ repository, choice }: HubSource, siblings: readonly Sibling[]): LargeFile {
  const files = siblings.filter((file): file is LargeFile => isModel(file));
  const found = files.filter(({ rfilename }) =>
    'file' in choice ? rfilename === choice.file : hasQuantization(rfilename, choice.quantization),
  );
  const [first] = found;
  const wanted = 'file' in choice ? choice.file : choice.quantization;
  if (first === undefined) {
    const names = files.map(({ rfilename }) => rfilename).join(', ') || 'no GGUF file at all';
    throw new FetchError('NOT_FOUND', { detail: `${repository} has no ${wanted}, but ${names}` });
  }
  if (found.length > 1 || SPLIT.test(first.rfilename)) {
    const names = found.map(({ rfilename }) => rfilename).join(', ');
    throw new FetchError('NOT_FOUND', {
      detail: `${wanted} is not a single file of ${repository}: ${names}`,
    });
  }
  return first;
}

function isModel({ rfilename, lfs }: Sibling): boolean {
  const isSafe = rfilename
    .split('/')
    .every((part) => /^[\w.-]+$/.test(part) && part !== '..' && part !== '.');
  return rfilename.toLowerCase().endsWith('.gguf') && lfs != null && isSafe;
}

/** Repositories of one model may hold it in several parts, which the engine loads but this fetcher does not. */
const SPLIT = /-\d{5}-of-\d{5}\.gguf$/i;

function hasQuantization(file: string, quantization: string): boolean {
  const escaped = quantization.replace(/[^\w]/g, '\\$&');
  return new RegExp(`(^|[-._/])${escaped}([-._]|$)`, 'i').test(file.replace(/\.gguf$/i, ''));
}

/** An abort of the caller's stays what it is. */
function unreachable(url: string) {
  return (cause: Error): never => {
    if (cause.name === 'AbortError' || cause instanceof FetchError) throw cause;
    throw new FetchError('UNREACHABLE', { detail: `${new URL(url).host} (${reasonOf(cause)})`, cause });
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what is wrong
  }
}

function reasonOf(error: Error & { cause?: unknown }): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
