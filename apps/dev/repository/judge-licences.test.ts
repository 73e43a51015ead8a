import { describe, expect, test } from 'vitest';
import { judgeLicences } from './judge-licences.ts';
import type { Sbom } from './sbom.ts';

describe('a shipped package', () => {
  test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-only)', '(MIT OR CC0-1.0)', 'BSD-2-Clause AND ISC'])(
    'may be under %s',
    (expression) => expect(judge({ licenses: [{ expression }] })).toEqual([]),
  );

  test.each([
    'GPL-3.0-only',
    'GPL-2.0',
    'AGPL-3.0-or-later',
    'SSPL-1.0',
    'BUSL-1.1',
    'MIT AND GPL-3.0-only',
    '(GPL-2.0-only OR AGPL-3.0-only)',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE.md',
    '',
  ])('must not be under "%s"', (expression) => {
    expect(judge({ licenses: [{ expression }] })).toEqual([
      expect.stringMatching(/^pkg:npm\/thing@1\.0\.0: .*\(shipped\)$/),
    ]);
  });

  test('must name a licence, and all that it names count', () => {
    expect(judge({})).toEqual(['pkg:npm/thing@1.0.0: no licence (shipped)']);
    expect(judge({ licenses: [] })).toEqual(['pkg:npm/thing@1.0.0: no licence (shipped)']);
    const mit = { license: { id: 'MIT' } };
    expect(judge({ licenses: [mit, { license: { id: 'ISC' } }] })).toEqual([]);
    expect(judge({ licenses: [mit, { license: { name: 'Own terms' } }] })).toHaveLength(1);
    expect(judge({ licenses: [mit, { expression: 'MIT OR GPL-3.0-only' }] })).toEqual([]);
    expect(judge({ licenses: [mit, { license: { id: 'GPL-3.0-only' } }] })).toHaveLength(1);
  });
});

describe('a package for development', () => {
  test('may be under a licence that the product may not be shipped with', () => {
    const licenses = [{ license: { id: 'GPL-3.0-only' } }];
    expect(judge({ licenses, scope: 'excluded' })).toEqual([]);
    expect(judge({ licenses })).toHaveLength(1);
  });

  test('must name a licence all the same', () => {
    expect(judge({ scope: 'excluded' })).toEqual(['pkg:npm/thing@1.0.0: no licence (development)']);
  });
});

describe('an exception', () => {
  const found = { licence: 'MIT', where: 'its file LICENSE' };

  test('gives one version of a package the licence that was found', () => {
    expect(judge({}, { 'pkg:npm/thing@1.0.0': found })).toEqual([]);
    expect(judge({}, { 'pkg:npm/thing@1.0.1': found })).toContain(
      'pkg:npm/thing@1.0.0: no licence (shipped)',
    );
  });

  test('does not allow a licence that is not allowed', () => {
    expect(judge({}, { 'pkg:npm/thing@1.0.0': { ...found, licence: 'GPL-3.0-only' } })).toHaveLength(1);
  });

  test('is reported when no package needs it', () => {
    expect(judge({ licenses: [{ license: { id: 'MIT' } }] }, { 'pkg:npm/gone@2.0.0': found })).toEqual([
      'pkg:npm/gone@2.0.0: this exception is not needed any more',
    ]);
  });
});

type Component = Sbom['components'][number];

function judge(component: Partial<Component>, exceptions = {}): string[] {
  return judgeLicences(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.7',
      metadata: { component: { name: 'product', version: '1.0.0' } },
      components: [{ purl: 'pkg:npm/thing@1.0.0', ...component }],
    },
    exceptions,
  );
}
