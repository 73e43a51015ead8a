import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withDefaults } from './interpolate.ts';
import { lintFiles } from './lint.ts';
import { parseLocated, plain } from './located.ts';
import { parseSize } from './size.ts';

const examples = new URL('../examples/', import.meta.url).pathname;
const compose = new URL('../../../compose/', import.meta.url).pathname;
const names = readdirSync(examples).filter((name) => !name.startsWith('overlay'));

/** `# expect RULE` at the end of a line names the rule that reports this line. */
function expected(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    [...line.matchAll(/# expect (\S+)/g)].map(([, rule]) => `${index + 1} ${rule}`),
  );
}

describe('the compose linter', () => {
  it.each(names)('finds in %s what its comments expect, at the right lines, and nothing else', (name) => {
    const file = examples + name;

    const found = lintFiles([file]);

    expect(found.map(({ line, rule }) => `${line} ${rule}`).sort()).toEqual([...expected(file)].sort());
    expect(found.every((message) => message.file === file && message.text.includes('; '))).toBe(true);
  });

  it('reports nothing for the stack and its overlays', () => {
    for (const overlay of [[], ['durable.yaml'], ['gpu.yaml'], ['sandbox.yaml']]) {
      expect(lintFiles(['compose.yaml', ...overlay].map((name) => compose + name))).toEqual([]);
    }
  });

  it('judges overlays laid over a base and names the file that brought the fault', () => {
    const found = lintFiles([`${examples}overlay-base.yaml`, `${examples}overlay.yaml`]);

    expect(found).toMatchObject([{ file: `${examples}overlay.yaml`, line: 4, rule: 'duplicate-mount' }]);
  });

  it('names the line of a file that is not YAML', () => {
    expect(() => parseLocated('a: [1\nb: 2', 'x.yaml')).toThrow(/x\.yaml:\d: not YAML: /);
  });

  it('names a file that is not there', () => {
    expect(() => lintFiles(['nosuch.yaml'])).toThrow('nosuch.yaml: cannot be read (ENOENT)');
  });

  it('suggests a key for a misspelt one', () => {
    expect(lintFiles([`${examples}unknown-key.yaml`])[0]?.text).toContain('did you mean read_only?');
  });

  it('reads merge keys, and lets the own key win', () => {
    const text = 'a: &a { x: 1, y: 1 }\nb: { <<: *a, y: 2 }\n';

    expect(plain(parseLocated(text, 'x.yaml'))).toEqual({ a: { x: 1, y: 1 }, b: { x: 1, y: 2 } });
  });
});

describe('interpolation', () => {
  it.each([
    ['${A:-x}', 'x'],
    ['${A}', ''],
    ['$$A', '$A'],
    ['${A:?must be set}', ''],
    ['a ${A-y} b', 'a y b'],
  ])('turns %s into "%s" where nothing is set', (text, value) => {
    expect(withDefaults(text)).toBe(value);
  });
});

describe('sizes', () => {
  it.each([
    ['512m', 512 * 2 ** 20],
    ['1g', 2 ** 30],
    ['1.5GB', 1.5 * 2 ** 30],
    ['65536', 65_536],
    ['12x', undefined],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});
