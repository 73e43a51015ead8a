import { existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { findCommand, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { report } from './report.mjs';

const SERVERS = ['valkey-server', 'redis-server'];

/** The stack starts a Redis of its own: only the program is wanted, never the system's service. */
export async function installRedis() {
  if (process.env['REDIS_URL'] || hasServer()) return;
  if (process.getuid?.() !== 0 || !findCommand('apt-get')) {
    report(`no Redis here, crawls will be off. To have it, type: ${installCommand()}`);
    return;
  }
  await withLock('redis', async () => {
    if (hasServer()) return;
    report('installing redis-server from the distribution (no service is started)');
    const problem = await withoutServices(aptInstall);
    if (problem) report(`redis-server could not be installed, crawls will be off: ${problem}`);
  });
}

function hasServer() {
  return SERVERS.some((server) => findCommand(server));
}

function installCommand() {
  const managers = [
    ['apt-get', 'sudo apt-get install redis-server'],
    ['dnf', 'sudo dnf install valkey'],
    ['apk', 'sudo apk add valkey'],
    ['pacman', 'sudo pacman -S valkey'],
    ['zypper', 'sudo zypper install valkey'],
    ['brew', 'brew install valkey'],
  ];
  const [, command] = managers.find(([manager]) => findCommand(manager ?? '')) ?? managers[0] ?? [];
  return command;
}

/** @returns {Promise<string | undefined>} why it failed */
async function aptInstall() {
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::http::Timeout=20'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const install = () =>
    run('apt-get', [...options, '--no-install-recommends', 'install', 'redis-server'], { env });
  let result = await install();
  if (result.code !== 0) {
    report('refreshing the package lists');
    await run('apt-get', [...options, 'update'], { env });
    result = await install();
  }
  if (result.code === 0) return undefined;
  return result.output.trim().split('\n').at(-1);
}

const policyFile = '/usr/sbin/policy-rc.d';
const policy = '#!/bin/sh\n# Of a set-up in progress: no package script starts a service.\nexit 101\n';
const savedPolicyFile = `${policyFile}.before-xnai`;
const systemdFolder = '/etc/systemd/system';
const unit = `${systemdFolder}/redis-server.service`;

/**
 * Package scripts ask `policy-rc.d` before they start a service, and cannot enable a masked unit.
 * @template T
 * @param {() => Promise<T>} install
 */
async function withoutServices(install) {
  // Whoever presses Ctrl-C ends apt with it; the finally below must still run.
  const ignore = () => {};
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  if (hasForeignPolicy()) renameSync(policyFile, savedPolicyFile);
  writeFileSync(policyFile, policy, { mode: 0o755 });
  const masks = existsSync(systemdFolder) && !lstatSync(unit, { throwIfNoEntry: false });
  if (masks) symlinkSync('/dev/null', unit);
  try {
    return await install();
  } finally {
    if (masks) rmSync(unit, { force: true });
    rmSync(policyFile, { force: true });
    if (existsSync(savedPolicyFile)) renameSync(savedPolicyFile, policyFile);
    if (findCommand('update-rc.d')) await run('update-rc.d', ['redis-server', 'disable']);
    process.off('SIGINT', ignore).off('SIGTERM', ignore);
  }
}

/** Ours is what a set-up leaves that was killed: not to be kept for the machine. */
function hasForeignPolicy() {
  return existsSync(policyFile) && readFileSync(policyFile, 'utf8') !== policy;
}
