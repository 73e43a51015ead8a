import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withDefaults } from './interpolate.ts';
import { lintFiles } from './lint.ts';
import { parseLocated, plain } from './located.ts';
import { readProject } from './read-project.ts';
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
    for (const overlay of [
      [],
      ['durable'],
      ['gpu'],
      ['model-store'],
      ['monitoring'],
      ['remote-models'],
      ['sandbox'],
      ['traces'],
    ]) {
      const files = ['compose', ...overlay].map((name) => `${compose}${name}.yaml`);
      expect(lintFiles(files)).toEqual([]);
    }
  });

  it('puts errors before warnings, and warnings before advice', () => {
    const levels = names.flatMap((name) => [lintFiles([examples + name]).map(({ level }) => level)]);

    for (const found of levels) {
      const order = found.map((level) => ['error', 'warning', 'advice'].indexOf(level));
      expect(order).toEqual([...order].sort());
    }
    expect(new Set(levels.flat())).toEqual(new Set(['error', 'warning', 'advice']));
  });

  it('says once what is wrong with several services', () => {
    const bare = 'services:\n  a: { image: "x:1" }\n  b: { image: "x:1" }\n';
    const found = lintText(bare);

    expect(found.filter(({ rule }) => rule === 'memory-limit')).toMatchObject([{ line: 2 }]);
    expect(found.every(({ text }) => text.startsWith('a, b: '))).toBe(true);
  });

  it.each(
    names.filter((name) => lintFiles([examples + name]).some(({ text }) => pasted(text) !== undefined)),
  )('accepts its own cures in %s', (name) => {
    for (const { line, rule, text } of lintFiles([examples + name])) {
      const cure = pasted(text);
      if (cure === undefined) continue;
      const lines = readFileSync(examples + name, 'utf8').split('\n');
      const mended = lintText(cure(lines, line).join('\n'));
      const still = mended.filter((one) => one.rule === rule && one.text === text);
      expect(still, text).toEqual([]);
      expect(mended.filter(({ rule: other }) => other === 'wrong-value')).toEqual([]);
    }
  });

  it('judges what a file includes, and takes what its services extend', () => {
    const file = writeProject({
      'compose.yaml':
        'include: [base.yaml]\nservices:\n  two: { extends: { file: base.yaml, service: one } }\n',
      'base.yaml': `${readFileSync(`${examples}good.yaml`, 'utf8').replace('  app:', '  one:')}`,
    });
    expect(lintFiles([file])).toEqual([]);

    const faulty = writeProject({
      'compose.yaml': 'include: [base.yaml]\nservices: {}\n',
      'base.yaml': readFileSync(`${examples}good.yaml`, 'utf8').replace(
        'tmpfs:',
        'ports: ["127.0.0.1:80:8080"]\n    tmpfs:',
      ),
    });
    expect(lintFiles([faulty])).toMatchObject([
      { rule: 'low-port', file: expect.stringMatching(/base\.yaml$/) },
    ]);
  });

  it('refuses a service that extends itself', () => {
    const text = 'services:\n  a: { extends: { service: b } }\n  b: { extends: { service: a } }\n';
    expect(() => lintText(text)).toThrow(/:2: the service . extends itself/);
  });

  it('reads the Containerfile that a service is built from', () => {
    const service = readFileSync(`${examples}good.yaml`, 'utf8').replace(/image: .*/, 'build: .');
    const file = writeProject({
      'compose.yaml': service,
      Containerfile:
        'FROM x:1\nRUN --mount=type=cache,target=/root/.npm,uid=1001 \\\n  npm ci\nRUN chmod -R 777 /srv\nENV API_TOKEN=abc\n' +
        'RUN --mount=type=cache,target=/root/.npm,uid=0 true && chmod 1777 /tmp\n',
    });

    expect(lintFiles([file]).map(({ line, rule }) => `${line} ${rule}`)).toEqual([
      '2 build-file',
      '4 build-file',
      '5 build-file',
    ]);
  });

  it('judges overlays laid over a base and names the file that brought the fault', () => {
    const found = lintFiles([`${examples}overlay-base.yaml`, `${examples}overlay.yaml`]);

    expect(found).toMatchObject([{ file: `${examples}overlay.yaml`, line: 4, rule: 'duplicate-mount' }]);
  });

  it('joins the lists of overlays, and puts one that is marked with !override in the place of the other', () => {
    const files = [`${compose}compose.yaml`, `${compose}model-store.yaml`];
    const { models, secrets } = readProject(files, {}).project.services;
    expect(models?.networks).toEqual(['model-store']);
    expect(models?.volumes).toContain('models:/app/models');
    expect(models?.volumes).toContain('secrets-models:/run/xnai:ro');
    expect(secrets?.networks).toEqual(['internal']);
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

/** The lines with the cure pasted in, for messages that say what to write. */
function pasted(text: string): ((lines: readonly string[], line: number) => readonly string[]) | undefined {
  const item = /; write ("\/[^"]+")$/.exec(text)?.[1];
  if (item !== undefined) {
    const path = item.slice(1).split(':')[0] ?? '';
    return (lines, line) =>
      lines.map((one, index) =>
        index === line - 1 ? one.replace(/#.*/, '').replace(new RegExp(`"?${path}:[^"\\]]*"?`), item) : one,
      );
  }
  const key = /; add (\w+: .+?)(?:, with .*| \(.*\)|: files .*)?$/.exec(text)?.[1];
  if (key === undefined || text.includes(' and ') || text.includes('at the top level')) return undefined;
  return (lines) => {
    const kept = lines.filter((one) => !one.startsWith(`    ${key.split(':')[0]}:`));
    return kept.flatMap((one) => (one.startsWith('  app:') ? [one, `    ${key}`] : [one]));
  };
}

function lintText(text: string) {
  return lintFiles([writeProject({ 'compose.yaml': text })]);
}

/** @returns the path of compose.yaml */
function writeProject(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'compose-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, 'compose.yaml');
}

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
