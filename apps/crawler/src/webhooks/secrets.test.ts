import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSecrets } from './secrets.ts';

const secretOf = (fill: number) => Buffer.alloc(32, fill);
const fileOf = (fill: number) => JSON.stringify({ default: `whsec_${secretOf(fill).toString('base64')}` });

test('a change is taken at once; what cannot be read is told once, and not shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secrets.json');
  const problems: string[] = [];
  writeFileSync(file, fileOf(1));
  const secrets = openSecrets(file, (reason) => problems.push(reason));
  writeFileSync(file, fileOf(2));
  expect(await secrets.of('default')).toEqual([secretOf(2)]);
  expect(problems).toEqual([]);

  writeFileSync(file, '{"default": whsec_abc');
  for (let n = 0; n < 2; n += 1) expect(await secrets.of('default')).toEqual([secretOf(2)]);
  expect(problems).toEqual(['it is no JSON']);
  expect(() => openSecrets(file)).toThrow(/^it is no JSON$/);

  writeFileSync(file, fileOf(3));
  expect(await secrets.of('default')).toEqual([secretOf(3)]);
  writeFileSync(file, '{"default": "whsec_abc"}');
  expect(await secrets.of('default')).toEqual([secretOf(3)]);
  expect(problems[1]).toContain('expected whsec_');
  expect(problems.join()).not.toContain('whsec_abc');
});
