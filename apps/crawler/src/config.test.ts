import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCrawlerConfig } from './config.ts';

/** Beside the source, which is on a disk. */
const onDisk = mkdtempSync(join(import.meta.dirname, 'work-'));

test('a work folder on a disk is refused, unless that is asked for by name', () => {
  expect(() => readCrawlerConfig({ CRAWL_WORK_DIR: onDisk })).toThrow(
    /not in memory.*CRAWL_WORK_DIR_ANYWHERE=true/,
  );
  expect(readCrawlerConfig({ CRAWL_WORK_DIR: onDisk, CRAWL_WORK_DIR_ANYWHERE: 'true' }).CRAWL_WORK_DIR).toBe(
    onDisk,
  );
  rmSync(onDisk, { recursive: true });
});

test('a work folder in memory is taken as it is', () => {
  const folder = mkdtempSync(join('/dev/shm', 'xnai-config-'));
  expect(readCrawlerConfig({ CRAWL_WORK_DIR: folder }).CRAWL_WORK_DIR).toBe(folder);
  rmSync(folder, { recursive: true });
});

test('sites find the contact in the user agent, unless the whole of it is given', () => {
  const agentOf = (variables: object) =>
    readCrawlerConfig({ CRAWL_WORK_DIR_ANYWHERE: 'true', ...variables }).CRAWL_USER_AGENT;
  expect(agentOf({})).toBe('XoeNovAI/0.2 (self-hosted crawler)');
  const contact = { CRAWL_CONTACT: 'https://example.org/bot' };
  expect(agentOf(contact)).toBe('XoeNovAI/0.2 (+https://example.org/bot)');
  expect(agentOf({ ...contact, CRAWL_USER_AGENT: 'Mine/1' })).toBe('Mine/1');
  expect(() => agentOf({ CRAWL_CONTACT: 'x\r\ny' })).toThrow(/CRAWL_CONTACT/);
});
