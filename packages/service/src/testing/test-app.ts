import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '../api-keys.ts';
import { type CreateAppOptions, createApp } from '../app.ts';
import type { App } from '../app-type.ts';
import { openKeyRing } from '../key-ring.ts';
import { createLogger } from '../logger.ts';
import { SCOPES, type Scope } from '../scopes.ts';
import { recordActs } from './record-acts.ts';

/** An app for tests with a key file of its own, whose log lines are kept. */
export interface TestApp {
  readonly app: App;
  /** A key with all scopes. */
  readonly key: string;
  readonly auth: { readonly authorization: string };
  readonly lines: readonly LogLine[];
  readonly audit: ReturnType<typeof recordActs>;
  authWith(scopes: readonly Scope[], options?: { exempt?: boolean }): Promise<{ authorization: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>>;

export async function openTestApp(
  addRoutes: (app: App) => void = () => {},
  options: Partial<CreateAppOptions> = {},
): Promise<TestApp> {
  const dir = await mkdtemp(join(tmpdir(), 'xnai-service-'));
  const file = join(dir, 'keys.json');
  const lines: LogLine[] = [];
  const log = createLogger({
    name: 'test',
    level: 'debug',
    out: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const audit = recordActs();
  const { key } = await createKey(file, { scopes: SCOPES }, audit);
  // The clock jumps, so that keys which are made later in a test are seen at once.
  let clock = 0;
  const keys = await openKeyRing({ file, now: () => (clock += 2000) });
  const app = await createApp({
    name: 'test',
    version: '1.2.3',
    log,
    keys,
    audit,
    rateLimits: { ask: 600, write: 600, crawl: 600, keyless: 600 },
    checks: [{ name: 'store', check: () => ({ status: 'ok' }) }],
    ...options,
  });
  addRoutes(app);
  return {
    app,
    key,
    auth: bearer(key),
    lines,
    audit,
    async authWith(scopes, { exempt = false } = {}) {
      return bearer((await createKey(file, { scopes, exempt }, audit)).key);
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await rm(dir, { recursive: true });
    },
  };
}

function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}
