import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Egress } from '@xnai/egress';
import { withTimeLimit } from '@xnai/resilience';
import { makeFolder } from '@xnai/service/make-folder';
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
  /** Chromium writes its profile and other files to a folder of its own inside this one. */
  readonly workDir: string;
  /** Whether pages get their images and fonts, which only a screenshot shows. */
  readonly loadsPictures?: boolean | undefined;
}

export interface LaunchedChromium extends AsyncDisposable {
  readonly browser: Browser;
  /** The home folder of the browser. Disposing removes it, and kills every process that has it as its home. */
  readonly folder: string;
}

const LAUNCH_MS = 20_000;
const CLOSE_MS = 2000;

/** @throws {Error} when the browser does not start */
export async function launchChromium(options: LaunchOptions): Promise<LaunchedChromium> {
  await makeFolder(options.workDir);
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
        await withTimeLimit(() => browser.close(), { timeoutMs: CLOSE_MS }).catch(() => {});
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function launch(
  { executable, isSandboxed, egress, loadsPictures = false }: LaunchOptions,
  folder: string,
) {
  // Most crawls need no browser, and loading Playwright takes as long as starting everything else.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: executable,
    headless: true,
    chromiumSandbox: isSandboxed,
    // Playwright disables the direct connections that Chromium makes to loopback and link-local addresses.
    // Chromium's own requests have no credential for the proxy, which therefore refuses them.
    proxy: { server: proxyOf(egress) },
    args: loadsPictures ? [...FLAGS] : [...FLAGS, ...NO_PICTURES],
    // Blocks pop-ups as a user's browser does, because scripts open windows here without a click.
    ignoreDefaultArgs: ['--disable-popup-blocking'],
    env: environment(folder),
    timeout: LAUNCH_MS,
    // Signals are for the process of the crawl, which ends the browser itself.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    artifactsDir: folder,
  });
}

export function proxyOf({ port }: Pick<Egress, 'port'>): string {
  return `http://127.0.0.1:${port}`;
}

/** The whole environment of Chromium: no variable of this service, and a temporary home. */
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

/**
 * Chromium takes only the last list of disabled features, so that this one repeats Playwright's (1.65): features that ask
 * Google's servers at start, and features that disturb automation. Then those that load or reach more than a page needs.
 */
const DISABLED_FEATURES = [
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'OptimizationHints',
  'MediaRouter',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'Prerender2',
  'SpeculationRules',
  'WebUSB',
  'WebBluetooth',
];

/** Flags of every browser, in addition to those of Playwright. */
export const FLAGS: readonly string[] = [
  // Only the egress proxy resolves names.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  // The heap of one page's scripts, in MiB.
  '--js-flags=--max-old-space-size=512',
  '--disable-gpu',
  '--disable-domain-reliability',
  '--autoplay-policy=user-gesture-required',
  `--disable-features=${DISABLED_FEATURES.join(',')}`,
];

const NO_PICTURES: readonly string[] = ['--blink-settings=imagesEnabled=false', '--disable-remote-fonts'];
