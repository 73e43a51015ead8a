import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandEnv } from './stack.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packageFolder = join(root, 'packages/contracts');

export interface PackedClient extends AsyncDisposable {
  readonly tarball: string;
  /** An empty folder but for the installed package. */
  readonly project: string;
}

/** The client as a stranger gets it: packed, and installed where nothing else is. */
export async function installPackedClient(): Promise<PackedClient> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-packed-'));
  const env = commandEnv();
  execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd: packageFolder, env });
  const [tarball = ''] = globSync(join(folder, '*.tgz'));
  // Its dependencies come as tarballs too, so that no registry is asked.
  for (const dependency of dependencies()) {
    const archive = join(folder, `${basename(dependency)}.tgz`);
    // pnpm keeps files of equal content once, and npm does not read links in archives.
    const form = ['--hard-dereference', '--exclude=node_modules', '--transform=s,^\\.,package,'];
    execFileSync('tar', ['-czf', archive, ...form, '-C', realpathSync(dependency), '.']);
  }
  const tarballs = globSync(join(folder, '*.tgz'));
  const project = await mkdtemp(join(tmpdir(), 'xnai-project-'));
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], {
    cwd: project,
    env,
  });
  return {
    tarball,
    project,
    async [Symbol.asyncDispose]() {
      for (const path of [folder, project]) await rm(path, { recursive: true });
    },
  };
}

function dependencies(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return Object.keys(dependencies).map((name) => join(packageFolder, 'node_modules', name));
}

/** The oldest Node on PATH, for which the package is made too. */
export function oldestNode(): string {
  const found = (process.env['PATH'] ?? '').split(':').flatMap((path) => globSync(join(path, 'node')));
  const majorOf = (node: string) => Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]']));
  return [...new Set([process.execPath, ...found])].toSorted((a, b) => majorOf(a) - majorOf(b))[0] ?? '';
}
