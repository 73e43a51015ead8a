import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@xnai/resilience';
import type { ModelsConfig } from '../config.ts';
import type {
  GenerateEvent,
  GenerateRequest,
  Generator,
  ModelCallOptions,
  ModelLog,
  ModelState,
} from '../model.ts';
import { MODEL_BREAKERS, MODEL_SERVER_BREAKERS } from '../model-breaker.ts';
import { type OpenModels, openModels } from '../open-models.ts';
import type { Machine } from '../process/machine.ts';
import type { ProcessLimits } from '../process/role-process.ts';
import type { RemoteLimits } from '../remote/remote-limits.ts';

export interface TestModels extends AsyncDisposable {
  readonly models: OpenModels;
  readonly breakers: ReturnType<typeof createTestBreakers>;
  readonly logged: readonly LoggedLine[];
}

export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

export interface TestModelsOptions {
  readonly generate?: string | undefined;
  readonly embed?: string | undefined;
  readonly rerank?: string | undefined;
  readonly config?: Partial<ModelsConfig>;
  readonly limits?: Partial<ProcessLimits>;
  readonly machine?: () => Machine;
  readonly remoteLimits?: Partial<RemoteLimits>;
}

/** The real models of small files, on the CPU with one thread. */
export function openTestModels({
  config,
  limits,
  machine,
  remoteLimits,
  ...files
}: TestModelsOptions): TestModels {
  const breakers = createTestBreakers();
  const logged: LoggedLine[] = [];
  const models = openModels({
    config: { ...TEST_CONFIG, sources: sourcesOf(files), ...config },
    breakers: {
      generate: breakers.get('generate'),
      embed: breakers.get('embed'),
      rerank: breakers.get('rerank'),
    },
    serverBreakerOf: (server) => breakers.servers.get(server),
    log: createTestLog(logged),
    lookEveryMs: 20,
    ...(remoteLimits === undefined ? {} : { remoteLimits }),
    ...(limits === undefined ? {} : { limits }),
    ...(machine === undefined ? {} : { machine }),
  });
  return {
    models,
    breakers,
    logged,
    async [Symbol.asyncDispose]() {
      await models[Symbol.asyncDispose]();
      await breakers.close();
    },
  };
}

const TEST_CONFIG: Omit<ModelsConfig, 'sources'> = {
  directory: '/dev/null/models',
  endpoint: 'http://127.0.0.1:9',
  objectStore: undefined,
  mayFetch: false,
  threads: 1,
  vulkan: 'off',
  visibleDevices: undefined,
  contextTokens: 4096,
  sequences: 2,
  keptPrefixes: [],
  lookupPrediction: false,
  embedPrefixes: {},
};

/** The breakers of a service, but once open they stay so: a test must not race with their probes. */
export function createTestBreakers() {
  const { generate, embed, rerank } = MODEL_BREAKERS;
  const stays = { openMs: 600_000, maxOpenMs: 600_000 };
  const registry = createRegistry({ service: 'rag-test' }).define({
    generate: { ...generate, ...stays },
    embed: { ...embed, ...stays },
    rerank: { ...rerank, ...stays },
  });
  return Object.assign(registry, {
    servers: registry.family('model-server', { ...MODEL_SERVER_BREAKERS, ...stays }),
  });
}

export function createTestLog(lines: LoggedLine[] = []): ModelLog {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The whole answer; throws when its last event is not `done`. */
export async function collect(generator: Generator, request: GenerateRequest, options?: ModelCallOptions) {
  const events: GenerateEvent[] = [];
  for await (const event of generator.generate(request, options)) events.push(event);
  const done = events.at(-1);
  if (done?.type !== 'done') throw new Error('the last event is not done');
  const text = events.map((event) => (event.type === 'token' ? event.text : '')).join('');
  return { text, done, events };
}

/** Never 0, which would stand for this very process and all beside it. */
export function pidOf(test: TestModels, role: 'generate' | 'embed' | 'rerank'): number {
  const pid = test.models.pids()[role];
  if (pid === undefined) throw new Error(`there is no process for ${role}`);
  return pid;
}

/** Polls, as states change in other processes; gives up with the last state. */
export async function untilState(
  port: { state(): ModelState },
  status: ModelState['status'],
  timeoutMs = 30_000,
): Promise<ModelState> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const state = port.state();
    if (state.status === status) return state;
    if (Date.now() > until) throw new Error(`not ${status} but ${state.status}: ${state.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function makeTestDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'xnai-models-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function sourcesOf({ generate, embed, rerank }: Pick<TestModelsOptions, 'generate' | 'embed' | 'rerank'>) {
  const source = (file: string | undefined) =>
    file === undefined ? ({ kind: 'none' } as const) : ({ kind: 'path', file } as const);
  return { generate: source(generate), embed: source(embed), rerank: source(rerank) };
}
