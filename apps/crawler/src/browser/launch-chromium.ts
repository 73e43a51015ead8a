import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Egress } from '@xnai/egress';
import type { Browser } from 'playwright-core';
import { killProcessesOf } from './kill-processes-of.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** How this machine starts its browser. */
export interface ChromiumSettings {
  readonly executable: string;
  /** Whether Chromium runs in its own sandbox, which confines everything that a page's scripts can reach. */
  readonly isSandboxed: boolean;
}

export interface LaunchOptions extends ChromiumSettings {
  readonly egress: Pick<Egress, 'port'>;
  /** The profile and all else that Chromium writes goes into a folder of its own in here. */
  readonly workDir: string;
}

export interface LaunchedChromium extends AsyncDisposable {
  readonly browser: Browser;
  /** Its home: gone, with every process that has it, once this is disposed of. */
  readonly folder: string;
}

const LAUNCH_MS = 20_000;
const CLOSE_MS = 2000;

/** @throws when it does not start */
export async function launchChromium(options: LaunchOptions): Promise<LaunchedChromium> {
  await mkdir(options.workDir, { recursive: true });
  const folder = await mkdtemp(join(options.workDir, 'browser-'));
  const clear = async () => {
    await killProcessesOf(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  try {
    const browser = await launch(options, folder);
    return {
      browser,
      folder,
      async [Symbol.asyncDispose]() {
        await Promise.race([browser.close().catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })]);
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function launch({ executable, isSandboxed, egress }: LaunchOptions, folder: string) {
  // Most crawls need no browser, and loading this takes as long as starting everything else.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: executable,
    headless: true,
    chromiumSandbox: isSandboxed,
    // Playwright takes away Chromium's habit of going past a proxy to loopback and link-local addresses.
    // What is of no page has no credential there: Chromium itself has nothing to ask anybody.
    proxy: { server: proxyOf(egress) },
    args: [...FLAGS],
    // Nobody clicks here: what opens a window without that is refused, as it is to people.
    ignoreDefaultArgs: ['--disable-popup-blocking'],
    env: environment(folder),
    timeout: LAUNCH_MS,
    // The crawl's process ends it; a signal to that process is not the browser's business.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    artifactsDir: folder,
  });
}

export function proxyOf({ port }: Pick<Egress, 'port'>): string {
  return `http://127.0.0.1:${port}`;
}

/** All that Chromium knows of this machine: no variable of ours, and a home that is thrown away. */
function environment(folder: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: folder,
    TMPDIR: temporaryFolder(folder),
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    XDG_RUNTIME_DIR: folder,
  };
}

/** What every browser is started with, beside what Playwright adds. */
export const FLAGS: readonly string[] = [
  // A name is resolved by the egress proxy or not at all.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  // Of one page's scripts, in MiB.
  '--js-flags=--max-old-space-size=512',
  '--blink-settings=imagesEnabled=false',
  '--disable-gpu',
  '--disable-remote-fonts',
  '--disable-domain-reliability',
  '--autoplay-policy=user-gesture-required',
  '--disable-features=Prerender2,SpeculationRules,MediaRouter,OptimizationHints,WebUSB,WebBluetooth',
];
