import { computed, signal } from '@preact/signals';
import { ClientError, createCrawlClient, createRagClient, type Transport } from '@xnai/contracts/client';
import { texts } from './texts.ts';

/** Held in memory alone: it is gone when the page is left or loaded again, and no other page can read it. */
const key = signal<string | undefined>(undefined);

export const isSignedIn = computed(() => key.value !== undefined);
/** Why the person was asked for the key again. */
export const signedOutBecause = signal<string | undefined>(undefined);

/**
 * A key that is revoked while the page is open leads back to the question for a key. A late answer to an earlier key
 * says nothing of the one that replaced it.
 */
const transportOf =
  (used: string | undefined): Transport =>
  async (url, request) => {
    const response = await fetch(url, request);
    if (response.status === 401 && key.value === used) signOut(texts.signIn.refused);
    return response as Awaited<ReturnType<Transport>>;
  };

const session = computed(() => ({ key: key.value, transport: transportOf(key.value) }));

export const rag = computed(() => createRagClient({ baseUrl: location.origin, ...session.value }));

export const crawler = computed(() =>
  createCrawlClient({ baseUrl: `${location.origin}/crawler`, ...session.value }),
);

/** For requests that the clients do not make. */
export function authorization(): Record<string, string> {
  return key.value === undefined ? {} : { authorization: `Bearer ${key.value}` };
}

/** Text in the format of Prometheus. @throws {ClientError} when it cannot be read */
export async function readMetrics(signal: AbortSignal): Promise<string> {
  const response = await fetch('/metrics', { headers: authorization(), signal });
  if (response.ok) return response.text();
  const { status } = response;
  throw new ClientError('GET /metrics', {
    code: `HTTP_${status}`,
    status,
    detail: texts.errors.metrics(status),
  });
}

/**
 * Takes a key as it was pasted, with spaces, line breaks or `KEY=` around it, when rag accepts it.
 *
 * @returns why it was refused
 */
export async function signIn(pasted: string): Promise<string | undefined> {
  const candidate = cleanKey(pasted);
  if (candidate === '') return texts.signIn.empty;
  // A header cannot carry the rest, such as an unseen character that was copied with it.
  if (!/^[!-~]+$/.test(candidate)) return texts.signIn.refused;
  try {
    const client = createRagClient({ baseUrl: location.origin, key: candidate });
    await client.collections({ limit: 1 });
  } catch (error) {
    const isRefused = error instanceof ClientError && error.status === 401;
    if (isRefused) return texts.signIn.refused;
    // A key without the scope `query` is a key; the panels say what it may not do.
    if (!(error instanceof ClientError && error.status === 403)) return explain(error);
  }
  signedOutBecause.value = undefined;
  key.value = candidate;
  return undefined;
}

function signOut(reason: string): void {
  signedOutBecause.value = reason;
  key.value = undefined;
}

/** With the key goes all that was read with it. */
export function forgetKey(): void {
  location.reload();
}

function cleanKey(pasted: string): string {
  return pasted.replace(/\s+/g, '').replace(/^(?:KEY=|Bearer:?)/i, '');
}

/** What a failed call means, as a sentence. */
export function explain(error: unknown): string {
  if (!(error instanceof ClientError))
    return texts.errors.unknown(error instanceof Error ? error.message : String(error));
  if (error.code === 'NETWORK_ERROR') return texts.errors.away;
  if (error.code === 'FORBIDDEN') return texts.errors.forbidden(error.detail);
  return error.detail;
}
