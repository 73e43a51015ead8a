import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand, report, run, SetupError } from './command.mjs';
import { explainInstallFailure } from './install-failure.mjs';
import { withLock } from './lock.mjs';

export const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../../..'));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.xnai-setup');
export const innerNode = join(modules, '.bin/node');

/** Installs the packages of `pnpm-lock.yaml` with the pinned pnpm, unless they are installed already. */
export async function installWorkspace() {
  if (isInstalled()) return;
  await withLock(`workspace-${sha256(root).slice(0, 16)}`, async () => {
    if (isInstalled()) return;
    const { packageManager } = readManifest(root);
    removeForeignModules();
    report(`installing the workspace with ${packageManager} (half a minute the first time)`);
    const unfetched = await pnpmInstall(packageManager);
    await requireInnerNode();
    if (unfetched.length === 0) writeFileSync(stampFile, fingerprint());
    else report(`not available now, to be installed by the next start: ${unfetched.join(', ')}`);
  });
}

function isInstalled() {
  try {
    const isCurrent = readFileSync(stampFile, 'utf8') === fingerprint() && existsSync(innerNode);
    return isCurrent && workspaceFolders().every((folder) => modulesOf(folder).every(isLink));
  } catch {
    return false;
  }
}

/** A hash of all files that decide on the content of node_modules. */
function fingerprint() {
  const manifests = workspaceFolders().map((folder) => join(folder, 'package.json'));
  const files = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests];
  const contents = files.map((file) => `${file.slice(root.length)}\n${readFileSync(file, 'utf8')}`);
  return sha256([process.platform, process.arch, ...contents].join('\0'));
}

/** The root, and each folder with a package.json in the `packages:` list of pnpm-workspace.yaml. */
function workspaceFolders() {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?: +- .*\n)+)/m.exec(yaml)?.[1] ?? '';
  const globs = [...list.matchAll(/- +['"]?([^'"\s]+)/g)].map(([, glob = '']) => join(root, glob));
  const folders = globs.flatMap((glob) =>
    glob.endsWith('/*') ? readdirSync(dirname(glob)).map((name) => join(dirname(glob), name)) : [glob],
  );
  return [root, ...folders].filter((folder) => existsSync(join(folder, 'package.json')));
}

/** @param {string} folder */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** @param {string} folder */
function modulesOf(folder) {
  const { dependencies, devDependencies } = readManifest(folder);
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return names.map((name) => join(folder, 'node_modules', name));
}

/**
 * pnpm links each dependency into its store. A folder in that place was installed by npm.
 * @param {string} path
 */
function isLink(path) {
  return lstatSync(path).isSymbolicLink();
}

/** pnpm would ask before it removes a folder of npm. */
function removeForeignModules() {
  if (!existsSync(modules)) return;
  const isPnpms = existsSync(join(modules, '.modules.yaml'));
  if (isPnpms && modulesOf(root).filter(existsSync).every(isLink)) return;
  report('removing a node_modules that is incomplete, or from another package manager');
  rmSync(modules, { recursive: true, force: true });
}

/**
 * @param {string} packageManager such as `pnpm@12.21.0`
 * @returns {Promise<readonly string[]>} the optional packages that pnpm could not fetch. Programs for this platform are
 * among them.
 */
async function pnpmInstall(packageManager) {
  const path = pathWithoutOwnModules();
  const npx = findCommand('npx', path);
  if (!npx) throw new SetupError('npx is not on PATH; it comes with npm (https://nodejs.org).');
  const { code, output } = await run(npx, ['-y', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    env: { ...process.env, ...NON_INTERACTIVE, PATH: path },
  });
  if (code !== 0) throw new SetupError(explainInstallFailure(output));
  const unfetched = output.matchAll(/(\S+) is an optional dependency that could not be fetched/g);
  return [...unfetched].map(([, name = '']) => name);
}

const NON_INTERACTIVE = {
  CI: 'true',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
};

/** `npm start` puts node_modules/.bin of this workspace first, which the installation replaces. */
function pathWithoutOwnModules() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .filter((folder) => !(folder.startsWith(root) && folder.endsWith('node_modules/.bin')))
    .join(delimiter);
}

async function requireInnerNode() {
  const { code, output } = await run(innerNode, ['--version']);
  if (code === 0) return;
  throw new SetupError(`the Node that was installed with the workspace does not run here: ${output.trim()}`);
}

/** @param {string} text */
export function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
