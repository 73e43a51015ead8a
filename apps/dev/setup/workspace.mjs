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
import { findCommand, run } from './command.mjs';
import { explainInstallFailure } from './install-failure.mjs';
import { withLock } from './lock.mjs';
import { report, SetupError } from './report.mjs';

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../../..'));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.xnai-setup');
const innerNode = join(modules, '.bin/node');

/** Installs what `pnpm-lock.yaml` says, with the pinned pnpm; does nothing when it is there already. */
export async function installWorkspace() {
  if (isInstalled()) return;
  await withLock(`workspace-${sha256(root).slice(0, 16)}`, async () => {
    if (isInstalled()) return;
    const { packageManager } = readManifest(join(root, 'package.json'));
    removeForeignModules();
    report(`installing the workspace with ${packageManager} (half a minute the first time)`);
    const { unfetched } = await pnpmInstall(packageManager);
    await requireInnerNode();
    if (unfetched.length === 0) writeFileSync(stampFile, fingerprint());
    else report(`these could not be fetched, the next start tries again: ${unfetched.join(', ')}`);
  });
}

function isInstalled() {
  try {
    return readFileSync(stampFile, 'utf8') === fingerprint() && existsSync(innerNode) && isLinked();
  } catch {
    return false;
  }
}

/** Each dependency is a link into pnpm's store; a folder there means that npm has been at work since. */
function isLinked() {
  return manifestFiles().every((file) => {
    const { dependencies, devDependencies } = readManifest(file);
    return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
      lstatSync(join(dirname(file), 'node_modules', name)).isSymbolicLink(),
    );
  });
}

/** What the installed state depends on. */
function fingerprint() {
  const files = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifestFiles()];
  const contents = files.map((file) => `${file.slice(root.length)}\n${readFileSync(file, 'utf8')}`);
  return sha256([process.platform, process.arch, ...contents].join('\0'));
}

function manifestFiles() {
  const folders = workspaceGlobs().flatMap((glob) =>
    glob.endsWith('/*') ? subfolders(glob.slice(0, -2)) : [join(root, glob)],
  );
  return [root, ...folders].map((folder) => join(folder, 'package.json')).filter(existsSync);
}

/** The `packages:` list of pnpm-workspace.yaml. */
function workspaceGlobs() {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?: +- .*\n)+)/m.exec(yaml)?.[1] ?? '';
  return [...list.matchAll(/- +['"]?([^'"\s]+)/g)].map(([, glob]) => glob ?? '');
}

/** @param {string} folder */
function subfolders(folder) {
  return readdirSync(join(root, folder)).map((name) => join(root, folder, name));
}

/** @param {string} file */
function readManifest(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** npm's flat folder; pnpm would ask before it takes it away. */
function removeForeignModules() {
  if (!existsSync(modules)) return;
  const isPnpms = existsSync(join(modules, '.modules.yaml'));
  if (isPnpms && hasLinksOnly()) return;
  report('removing a node_modules that is incomplete, or from another package manager');
  rmSync(modules, { recursive: true, force: true });
}

function hasLinksOnly() {
  const { devDependencies } = readManifest(join(root, 'package.json'));
  return Object.keys(devDependencies).every(
    (name) => lstatSync(join(modules, name), { throwIfNoEntry: false })?.isDirectory() !== true,
  );
}

/** @param {string} packageManager such as `pnpm@12.21.0` */
async function pnpmInstall(packageManager) {
  const path = pathWithoutOwnModules();
  const npx = findCommand('npx', path);
  if (!npx) throw new SetupError('npx is not on PATH; it comes with npm (https://nodejs.org).');
  const { code, output } = await run(npx, ['-y', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    env: { ...process.env, ...nonInteractive, PATH: path },
  });
  if (code !== 0) throw new SetupError(explainInstallFailure(output));
  // Optional ones: programs for this platform are among them, and pnpm goes on without.
  const unfetched = [...output.matchAll(/(\S+) is an optional dependency that could not be fetched/g)];
  return { unfetched: unfetched.map(([, name]) => name) };
}

const nonInteractive = {
  CI: 'true',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
};

/** `npm start` puts our own node_modules/.bin first, and that is what is about to be replaced. */
function pathWithoutOwnModules() {
  const isOwn = (/** @type {string} */ folder) =>
    folder.startsWith(root) && folder.endsWith('node_modules/.bin');
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !isOwn(folder))
    .join(delimiter);
}

async function requireInnerNode() {
  const { code, output } = await run(innerNode, ['--version']);
  if (code === 0) return;
  throw new SetupError(`the Node that comes with the workspace does not run here: ${output.trim()}`);
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
