import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startStack } from './support/stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The commands of the tour that need a stack, as README has them. */
function commandsOfTheTour(): readonly string[] {
  const [, tour = ''] = readFileSync(`${root}/README.md`, 'utf8').split('## A tour\n');
  const [shown = ''] = tour.split('The same by HTTP');
  return [...shown.matchAll(/^ {4}\$ (.+)$/gm)].map(([, command = '']) => command);
}

it('the tour in README leads from a clone to a cited answer in three commands', {
  timeout: 120_000,
}, async () => {
  const [start, ...others] = commandsOfTheTour();
  expect(start).toMatch(/^git clone .* && npm start$/);
  expect(others).toHaveLength(2);
  await using stack = await startStack();
  const env = {
    ...process.env,
    XNAI_DATA_DIR: stack.dataDir,
    RAG_PORT: String(stack.ragPort),
    CRAWL_PORT: new URL(stack.crawlerUrl).port,
  };
  const outputs = others.map((command) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: root, env, encoding: 'utf8' });
    expect(status, `${command}\n${stderr}`).toBe(0);
    return stdout;
  });
  expect(outputs[0]).toMatch(/indexed \d+, unchanged 0, failed 0 in the collection "default"/);
  expect(outputs[1]).toMatch(
    /every five minutes .* \[1\].*Sources:\n\[1\] Operations > What a restart loses/s,
  );
});
