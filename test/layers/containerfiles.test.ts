import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly folder: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const MANIFESTS = new Map(
  ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).flatMap((name): [string, Manifest][] => {
      const folder = `${parent}/${name}`;
      const file = join(ROOT, folder, 'package.json');
      if (!existsSync(file)) return [];
      const manifest = { ...JSON.parse(readFileSync(file, 'utf8')), folder } as Manifest;
      return [[manifest.name, manifest]];
    }),
  ),
);

/** The workspaces that pnpm's filter `NAME...` takes, `NAME` itself among them. */
function withDependencies(names: readonly string[], isProduction: boolean): ReadonlySet<Manifest> {
  const found = new Set<Manifest>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const manifest = MANIFESTS.get(name);
    if (manifest === undefined || found.has(manifest)) continue;
    found.add(manifest);
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
    if (!isProduction) waiting.push(...Object.keys(manifest.devDependencies ?? {}));
  }
  return found;
}

/** Of each stage that installs: the manifests that it lacks. pnpm installs without a word what it does not see. */
function lackingManifests(containerfile: string): readonly string[] {
  return containerfile.split(/^FROM /m).flatMap((stage) => {
    const names = [...stage.matchAll(/--filter '(@[\w/-]+)\.\.\.'/g)].map(([, name = '']) => name);
    return [...withDependencies(names, stage.includes('--prod'))]
      .map(({ folder }) => `${folder}/package.json`)
      .filter((file) => !stage.includes(`COPY ${file} `));
  });
}

describe.each(['rag', 'crawler'])('the image of %s', (name) => {
  const containerfile = readFileSync(join(ROOT, `containers/${name}.Containerfile`), 'utf8');

  it('is installed with the manifest of each workspace that it needs', () => {
    expect(containerfile).toContain(`--filter '@xnai/${name}...'`);
    expect(lackingManifests(containerfile)).toEqual([]);
  });

  it('fails here when one is left out', () => {
    const without = containerfile.replace(/^COPY packages\/object-store\/package\.json .*\n/m, '');
    expect(lackingManifests(without)).toContain('packages/object-store/package.json');
  });
});
