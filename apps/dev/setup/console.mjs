import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { innerNode, root, sha256 } from './workspace.mjs';

const folder = join(root, 'apps/console');
const stampFile = join(folder, 'dist/.built-from');
/** All that decides on the content of the build. */
const SOURCES = [
  'apps/console/index.html',
  'apps/console/package.json',
  'apps/console/src',
  'apps/console/tsconfig.json',
  'apps/console/vite.config.ts',
  'packages/contracts/package.json',
  'packages/contracts/src',
  'pnpm-lock.yaml',
  'tsconfig.base.json',
];

/** Builds the page that rag serves at `/`, unless it is built from these sources already. */
export async function buildConsole() {
  if (isBuilt()) return;
  await withLock(`console-${sha256(root).slice(0, 16)}`, async () => {
    if (isBuilt()) return;
    report('building the console');
    const builtFrom = fingerprint();
    const vite = join(folder, 'node_modules/vite/bin/vite.js');
    const { code, output } = await run(innerNode, [vite, 'build'], { cwd: folder });
    if (code === 0) writeFileSync(stampFile, builtFrom);
    else report(`the console could not be built, so rag leads to its API instead: ${output.trim()}`);
  });
}

function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
}

function fingerprint() {
  const files = SOURCES.flatMap(filesOf).filter((file) => !/\.test\.tsx?$/.test(file));
  return sha256(files.map((file) => `${file}\n${readFileSync(join(root, file), 'utf8')}`).join('\0'));
}

/**
 * @param {string} path of a file or folder
 * @returns {string[]} the file, or all files below the folder
 */
function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = /** @type {string[]} */ (readdirSync(join(root, path), { recursive: true }));
  return names
    .map((name) => `${path}/${name}`)
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();
}
