import satisfies from 'spdx-satisfies';
import type { Sbom } from './sbom.ts';

/** Licences under which a package may be shipped as part of a product under Apache-2.0. */
const SHIPPABLE = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
];

/** Tools that are not shipped may also be under these. */
const FOR_TOOLS = [...SHIPPABLE, 'CC-BY-3.0', 'GPL-2.0-or-later', 'LGPL-2.1-or-later', 'MPL-2.0'];

/** Packages whose package.json names no SPDX licence, with the licence that was found by hand, and where. */
const FOUND_BY_HAND: Exceptions = {
  'pkg:npm/busboy@0.3.1': { licence: 'MIT', where: 'a list in its package.json' },
  'pkg:npm/dicer@0.3.0': { licence: 'MIT', where: 'a list in its package.json' },
  'pkg:npm/humanize-number@0.0.2': { licence: 'MIT', where: 'its file Readme.md' },
  'pkg:npm/map-stream@0.1.0': { licence: 'MIT', where: 'its file LICENCE' },
  'pkg:npm/only@0.0.2': { licence: 'MIT', where: 'its file Readme.md' },
  'pkg:npm/pause-stream@0.0.11': { licence: 'MIT OR Apache-2.0', where: 'a list in its package.json' },
  'pkg:npm/streamsearch@0.1.2': { licence: 'MIT', where: 'a list in its package.json' },
};

export type Exceptions = Readonly<Record<string, { readonly licence: string; readonly where: string }>>;

/**
 * One line for each package that must not be used as it is used, and for each exception that no package needs any more.
 * A package with several licences must satisfy all of them; an expression with OR needs one alternative that is allowed.
 */
export function judgeLicences({ components }: Sbom, exceptions: Exceptions = FOUND_BY_HAND): string[] {
  const refused = components.flatMap((component) => {
    const licence = exceptions[component.purl]?.licence ?? licenceOf(component);
    const isTool = component.scope === 'excluded';
    if (licence !== undefined && isAllowed(licence, isTool ? FOR_TOOLS : SHIPPABLE)) return [];
    return `${component.purl}: ${licence ?? 'no licence'} (${isTool ? 'development' : 'shipped'})`;
  });
  const purls = new Set(components.map(({ purl }) => purl));
  const unused = Object.keys(exceptions).filter((purl) => !purls.has(purl));
  return [...refused, ...unused.map((purl) => `${purl}: this exception is not needed any more`)];
}

type Component = Sbom['components'][number];

function licenceOf({ licenses = [] }: Component): string | undefined {
  const parts = licenses.map((entry) => {
    if ('expression' in entry) return `(${entry.expression})`;
    return 'id' in entry.license ? entry.license.id : entry.license.name;
  });
  return parts.length === 0 ? undefined : parts.join(' AND ');
}

function isAllowed(licence: string, allowed: readonly string[]): boolean {
  try {
    return satisfies(licence, allowed);
  } catch {
    // Not an SPDX expression, such as "SEE LICENSE IN LICENSE.md" or "UNLICENSED".
    return false;
  }
}
