import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findCommand, report, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { root } from './workspace.mjs';

const SERVERS = ['valkey-server', 'redis-server'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Installs the program only: the stack starts a Redis of its own, and the system's service stays off. */
export async function installRedis() {
  const isThere = () => SERVERS.some((server) => findCommand(server));
  if (process.env['REDIS_URL'] || isThere()) return;
  if (!canInstall()) {
    const advice = findCommand('apt-get')
      ? 'run sudo apt-get install redis-server'
      : 'install valkey with the package manager of this system';
    report(`there is no Redis here, so crawls will be off. To get one, ${advice}`);
    return;
  }
  await withLock('redis', async () => {
    if (isThere()) return;
    report('installing redis-server from the distribution (its service is not started)');
    const problem = await withoutServices(() => aptInstall('redis-server'));
    if (problem) report(`redis-server could not be installed, so crawls will be off: ${problem}`);
  });
}

/**
 * Installs a browser for pages that are empty without their scripts. It downloads 113 MB, and crawls work without it,
 * so that it is installed in the background, and the crawler uses it as soon as it is there. A CI run waits for it,
 * because its tests need it, and brings the one that is there up to date, so that they notice what an update breaks.
 */
export async function installChromium() {
  const isThere = () => existsSync(CHROMIUM) || BROWSERS.some((browser) => findCommand(browser));
  if (process.env['XNAI_BROWSER'] === 'off' || process.env['CRAWL_CHROMIUM']) return;
  if (process.env['CI'] && canInstall()) {
    if (isNewest()) return;
    return await withLock('chromium', async () => {
      if (!isNewest()) await installNewestChromium();
    });
  }
  if (isThere()) return;
  if (!canInstall()) {
    report(
      'there is no browser here: single-page apps are crawled without one. To get one, install chromium',
    );
    return;
  }
  installChromiumInBackground();
}

const CHROMIUM = '/usr/lib/chromium/chromium';
/** Says which Chromium was the newest when a set-up of this checkout asked apt, which takes seconds. */
const newestFile = join(root, 'node_modules/.xnai-newest-chromium');
const REFRESH_AFTER_MS = 3_600_000;

function isNewest() {
  return existsSync(CHROMIUM) && existsSync(newestFile) && readFileSync(newestFile, 'utf8') === builtAt();
}

/** Of another package, the time is another. */
function builtAt() {
  return String(statSync(CHROMIUM).mtimeMs);
}

async function installNewestChromium() {
  const refreshed = statSync('/var/lib/apt/lists/partial', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - refreshed > REFRESH_AFTER_MS) await apt('update');
  const plan = await apt('--simulate', '--no-install-recommends', 'install', 'chromium');
  if (plan.code !== 0 || /^Inst chromium /m.test(plan.output)) {
    report('installing chromium from the distribution');
    const problem = await aptInstall('chromium');
    if (problem) return report(`chromium could not be installed: ${problem}`);
  }
  if (existsSync(CHROMIUM)) writeFileSync(newestFile, builtAt());
}

function installChromiumInBackground() {
  report('installing chromium from the distribution in the background (XNAI_BROWSER=off leaves it out)');
  const script = `import('${import.meta.url}').then(({ installChromium }) => installChromium())`;
  const env = { ...process.env, CI: 'true' };
  spawn(process.execPath, ['--eval', script], { detached: true, stdio: 'ignore', env }).unref();
}

function canInstall() {
  return process.getuid?.() === 0 && findCommand('apt-get') !== undefined;
}

const APT_OPTIONS = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::http::Timeout=20'];

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return run('apt-get', [...APT_OPTIONS, ...args], { env });
}

/**
 * @param {string} name
 * @returns {Promise<string | undefined>} the reason when it failed
 */
async function aptInstall(name) {
  const install = () => apt('--no-install-recommends', 'install', name);
  let result = await install();
  if (result.code !== 0) {
    report('refreshing the package lists');
    await apt('update');
    result = await install();
  }
  return result.code === 0 ? undefined : result.output.trim().split('\n').at(-1);
}

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const SAVED_POLICY_FILE = `${POLICY_FILE}.before-xnai`;
const POLICY = '#!/bin/sh\n# Of a set-up in progress: no package script starts a service.\nexit 101\n';
const SYSTEMD_FOLDER = '/etc/systemd/system';
const UNIT_FILE = `${SYSTEMD_FOLDER}/redis-server.service`;

/**
 * Package scripts ask `policy-rc.d` before they start a service, and cannot enable a masked unit.
 * @template T
 * @param {() => Promise<T>} install
 */
async function withoutServices(install) {
  // Ctrl-C ends apt-get as well, and the finally block below must still run.
  const ignore = () => {};
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  if (hasForeignPolicy()) renameSync(POLICY_FILE, SAVED_POLICY_FILE);
  writeFileSync(POLICY_FILE, POLICY, { mode: 0o755 });
  const masks = existsSync(SYSTEMD_FOLDER) && !lstatSync(UNIT_FILE, { throwIfNoEntry: false });
  if (masks) symlinkSync('/dev/null', UNIT_FILE);
  try {
    return await install();
  } finally {
    if (masks) rmSync(UNIT_FILE, { force: true });
    rmSync(POLICY_FILE, { force: true });
    if (existsSync(SAVED_POLICY_FILE)) renameSync(SAVED_POLICY_FILE, POLICY_FILE);
    if (findCommand('update-rc.d')) await run('update-rc.d', ['redis-server', 'disable']);
    process.off('SIGINT', ignore).off('SIGTERM', ignore);
  }
}

/** A set-up that was killed leaves its own policy behind, which must not be restored. */
function hasForeignPolicy() {
  return existsSync(POLICY_FILE) && readFileSync(POLICY_FILE, 'utf8') !== POLICY;
}
