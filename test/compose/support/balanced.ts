import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

export interface BalancedOptions {
  /** `https://localhost:…` of the balancer. */
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly key: string;
  /** The certificate that the balancer has, as PEM. */
  readonly ca: string;
}

interface Answer {
  readonly status: number;
  readonly retryAfterS: number | undefined;
  readonly body: string;
}

/** What clients of a balancer saw. */
export interface Seen {
  answered: number;
  /** With `Retry-After`, and answered later. */
  refused: number;
  /** Connections that were lost, and answers that are errors and no refusals. */
  readonly failed: string[];
}

const TIMEOUT_MS = 30_000;
/** After which a request that is refused again and again counts as failed. */
const PATIENCE_MS = 60_000;
const LONGEST_WAIT_S = 2;

export type Balanced = ReturnType<typeof openBalanced>;

/** One client behind a balancer, with connections that it keeps. What is refused with `Retry-After` is sent again. */
export function openBalanced({ ragUrl, crawlerUrl, key, ca }: BalancedOptions, seen: Seen) {
  const agent = new Agent({ keepAlive: true, ca });

  function send(method: string, url: string, body?: object): Promise<Answer> {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const type =
      json === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
    const headers = { authorization: `Bearer ${key}`, ...type };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent, headers, timeout: TIMEOUT_MS }, async (incoming) => {
        const after = incoming.headers['retry-after'];
        const retryAfterS = after === undefined ? undefined : Number(after);
        text(incoming).then(
          (all) => resolve({ status: incoming.statusCode ?? 0, retryAfterS, body: all }),
          reject,
        );
      });
      sent.on('error', reject).on('timeout', () => sent.destroy(new Error('timed out')));
      sent.end(json);
    });
  }

  /** The first answer that is no refusal. @throws Error when the connection is lost, or all was refused for too long */
  async function insist(method: string, url: string, body?: object): Promise<Answer> {
    const untilMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await send(method, url, body);
      if (!isRefusal(answer) || Date.now() > untilMs) return answer;
      seen.refused += 1;
      await delay(Math.min(answer.retryAfterS ?? 0, LONGEST_WAIT_S) * 1000);
    }
  }

  /** @returns undefined when it failed, which is kept in `seen` */
  async function ask<T>(method: string, url: string, body?: object): Promise<T | undefined> {
    try {
      const { status, body: all } = await insist(method, url, body);
      if (status >= 300) return fail(`${method} ${url}: ${status} ${all.slice(0, 300)}`);
      seen.answered += 1;
      return (all === '' ? undefined : JSON.parse(all)) as T;
    } catch (error) {
      return fail(`${method} ${url}: ${(error as Error).message}`);
    }
  }

  function fail(what: string): undefined {
    seen.failed.push(`${new Date().toISOString()} ${what}`);
  }

  return {
    rag: <T>(method: string, path: string, body?: object) => ask<T>(method, `${ragUrl}${path}`, body),
    crawler: <T>(method: string, path: string, body?: object) => ask<T>(method, `${crawlerUrl}${path}`, body),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function isRefusal({ status, retryAfterS }: Answer): boolean {
  return (status === 503 || status === 429) && retryAfterS !== undefined;
}
