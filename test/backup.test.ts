import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { article, startSite } from '@xnai/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startStack } from './support/stack.ts';

const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));

it('a running stack is backed up, drilled beside itself, lost and restored', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const xnai = (...words: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      XNAI_DATA_DIR: dataDir,
      XNAI_BACKUP_TARGET: join(folder, 'target'),
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'backup', ...words], {
      encoding: 'utf8',
      env,
    });
    return { code: status, stdout, stderr };
  };
  await using site = await startSite({ '/': article('Wren', [], 'The wren nests in the ivy.') });
  const env = { CRAWL_ALLOWED_ORIGINS: site.origin };
  let crawlId = '';
  {
    await using stack = await startStack({ dataDir, env });
    const crawl = { url: `${site.origin}/`, collection: 'birds', render: 'never' } as const;
    crawlId = (await stack.api.crawler.submitCrawl(crawl)).id;
    expect(await stack.api.endedCrawl(crawlId)).toMatchObject({ counters: { indexed: 1 } });
    for (const [id, content] of Object.entries(DOCUMENTS))
      await stack.api.rag.putDocument('birds', id, { content, content_type: 'text/markdown' });

    expect(xnai('create')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 collections, 3 documents'),
    });
    expect(xnai('verify')).toMatchObject({ code: 0 });
    const questions = join(folder, 'questions.json');
    const question = { collection: 'birds', query: 'Where does the heron stand?', cites: 'heron' };
    await writeFile(questions, JSON.stringify([question]));
    const drill = xnai('drill', '--questions', questions);
    expect(drill.stdout).not.toContain('FAILED');
    expect(drill).toMatchObject({ code: 0, stderr: '' });
    expect(drill.stdout.match(/^passed {2}/gm)).toHaveLength(6);
    expect(drill.stdout).toMatch(/^passed {2}redis.*1 crawls, 0 of them open, 0 in the queue, 0 pages/m);
    await writeFile(questions, JSON.stringify([{ ...question, cites: 'owl' }]));
    expect(xnai('drill', '--questions', questions)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAILED  question "Where does the heron stand?"'),
    });
    expect(xnai('restore')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The stack is running'),
    });
    // Commands hold this process up, which has to see that the server closed a connection for want of requests.
    await delay(100);
    expect((await stack.api.rag.getCollection('birds')).documents).toBe(3);
  }
  await rm(dataDir, { recursive: true });
  expect(xnai('restore')).toMatchObject({ code: 0, stdout: expect.stringContaining('Start the stack') });
  await using stack = await startStack({ dataDir, env });
  expect(await stack.api.crawler.getCrawl(crawlId)).toMatchObject({ status: 'completed' });
  const { citations } = await stack.api.rag.query({ collection: 'birds', query: 'What does the owl hunt?' });
  expect(citations[0]).toMatchObject({ document_id: 'owl' });
});

const DOCUMENTS = {
  heron: '# Heron\n\nThe heron stands in the shallow water of the lake.',
  owl: '# Owl\n\nThe owl hunts mice at night.',
};
