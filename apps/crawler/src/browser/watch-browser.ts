import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Advice } from '@xnai/contracts';
import { type CheckOutcome, type Logger, ServiceError } from '@xnai/service';
import { findChromium, isExecutable } from './find-chromium.ts';
import type { ChromiumSettings } from './launch-chromium.ts';
import { type BrowserProbe, runProbe } from './probe.ts';

/** The browser of this machine, as a probe has found it. */
export interface BrowserWatch {
  /** The result of the probe at the start; one that is absent or broken is tried again at an interval. */
  probe(): Promise<BrowserProbe>;
  /** What the latest probe has found; undefined while the first one runs. */
  known(): BrowserProbe | undefined;
  /** Notes that the browser failed, so that the next call of `probe` tries it again. */
  doubt(): void;
  /** Ends a running probe together with its processes. */
  close(): Promise<void>;
}

export interface BrowserConfig {
  readonly CRAWL_CHROMIUM?: string | undefined;
  readonly CRAWL_WORK_DIR: string;
}

const LOOK_AGAIN_MS = 15_000;

export function watchBrowser(config: BrowserConfig, log: Logger): BrowserWatch {
  const stopped = new AbortController();
  let lookedMs = performance.now();
  let isDoubted = false;
  let latest: BrowserProbe | undefined;
  let result = look();

  async function look(): Promise<BrowserProbe> {
    // biome-ignore lint/style/noProcessEnv: a system variable, not one of this service's.
    const executable = findChromium(config.CRAWL_CHROMIUM, process.env['PATH'] ?? '');
    if (executable === undefined) {
      latest = { kind: 'absent', why: 'no Chromium was found' };
      return latest;
    }
    const name = `probe-${process.pid}-${randomBytes(3).toString('hex')}`;
    const workDir = join(config.CRAWL_WORK_DIR, name);
    const probe = await runProbe({ executable, workDir }, stopped.signal).catch(notTried);
    if (!stopped.signal.aborted) report(probe, log);
    latest = probe;
    return probe;
  }

  return {
    async probe() {
      const found = await result;
      const isKnown = isReady(found) ? !isDoubted : performance.now() - lookedMs < LOOK_AGAIN_MS;
      if (isKnown || stopped.signal.aborted) return found;
      lookedMs = performance.now();
      isDoubted = false;
      result = look();
      return result;
    },
    known: () => latest,
    doubt() {
      isDoubted = true;
    },
    async close() {
      stopped.abort();
      await result;
    },
  };
}

/** The probe itself failed, for example because nothing can be written. */
function notTried(error: NodeJS.ErrnoException): BrowserProbe {
  return { kind: 'broken', why: `it could not be tried: ${error.code ?? error.name}` };
}

/** False for a browser that was removed since it was probed. */
function isReady(found: BrowserProbe): boolean {
  return found.kind === 'ready' && isExecutable(found.settings.executable);
}

function report(probe: BrowserProbe, log: Logger): void {
  if (probe.kind !== 'ready')
    log.warn({ why: probe.why }, 'the browser does not work: pages are crawled without their scripts');
  else if (!probe.settings.isSandboxed) {
    log.warn(
      { why: probe.why },
      'CHROMIUM RUNS WITHOUT ITS SANDBOX: a page that breaks out of it is this user',
    );
  }
}

export function browserSettings(probe: BrowserProbe): ChromiumSettings | undefined {
  return probe.kind === 'ready' ? probe.settings : undefined;
}

/** @throws {ServiceError} BROWSER_NOT_AVAILABLE when this machine has no browser that works */
export async function requireBrowser(watch: BrowserWatch): Promise<void> {
  const found = await watch.probe();
  if (found.kind !== 'ready')
    throw new ServiceError('BROWSER_NOT_AVAILABLE', { detail: `No browser: ${found.why}` });
}

/** @throws {Error} when there is a browser that would run without its sandbox */
export async function requireSandbox(watch: BrowserWatch): Promise<void> {
  const found = await watch.probe();
  if (found.kind !== 'ready' || found.settings.isSandboxed) return;
  const message = `CRAWL_REQUIRE_SANDBOX: Chromium's sandbox does not work here (${found.why})`;
  throw Object.assign(new Error(message), { forOperator: true });
}

const STARTING = { status: 'starting', detail: 'the browser is being tried' } as const;

/** Looks again in the background for a browser that was not there. */
export function browserCheck(watch: BrowserWatch): CheckOutcome {
  void watch.probe();
  const found = watch.known();
  if (found === undefined) return STARTING;
  if (found.kind === 'ready') return { status: 'ok' };
  return { status: found.kind === 'absent' ? 'absent' : 'degraded', detail: found.why };
}

export function sandboxCheck(watch: BrowserWatch): CheckOutcome {
  const found = watch.known();
  if (found === undefined) return STARTING;
  // Without a browser there is nothing to confine.
  if (found.kind !== 'ready' || found.settings.isSandboxed) return { status: 'ok' };
  return { status: 'absent', detail: 'Chromium runs without its own sandbox', advice: sandboxAdvice() };
}

function sandboxAdvice(): Advice {
  const isInContainer = existsSync('/run/.containerenv');
  const confines = isInContainer ? 'the container alone confines' : 'only the rights of its user confine';
  return {
    code: 'browser-sandbox',
    text: `Chromium runs without its own sandbox: ${confines} the pages that it renders.`,
    command: isInContainer
      ? 'podman compose -f compose.yaml -f compose/sandbox.yaml up -d'
      : process.getuid?.() === 0
        ? 'runuser -u USER -- npm start'
        : 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1',
  };
}
