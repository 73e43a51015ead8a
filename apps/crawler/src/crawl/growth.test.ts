import { expect, test } from 'vitest';
import { Growth } from './growth.ts';

/** Walks a chain of pages, each found on the one before, and returns how many were visited before the end. */
function walk(textOf: (page: number) => string | undefined, visit?: (growth: Growth, page: number) => void) {
  const growth = new Growth();
  for (let page = 0; page < 50; page += 1) {
    growth.addPage(`/${page}`, textOf(page));
    visit?.(growth, page);
    if (growth.isEndless(`/${page}`)) return page + 1;
    growth.addLink(`/${page + 1}`, `/${page}`);
  }
  return 'no end';
}

test('a chain of addresses with one text ends', () => {
  expect(walk(() => 'same')).toBe(7);
  expect(walk((page) => `month ${page % 12}`)).toBe(18);
});

test('a chain with new text goes on, also when some pages have none or repeat', () => {
  expect(walk((page) => `text ${page}`)).toBe('no end');
  expect(walk((page) => (page % 4 === 0 ? `text ${page}` : 'same'))).toBe('no end');
  expect(walk(() => undefined)).toBe('no end');
});

test('pages without text do not hide a series', () => {
  expect(walk((page) => (page % 2 === 0 ? 'same' : undefined))).toBe(13);
});

test('a list that is paged goes on while its entries have new text', () => {
  const visitEntry = (growth: Growth, page: number) => {
    growth.addLink(`/entry/${page}`, `/${page}`);
    growth.addPage(`/entry/${page}`, `entry ${page}`);
  };
  expect(walk(() => 'list', visitEntry)).toBe('no end');
});

test('a series that branches ends before it spreads', () => {
  const growth = new Growth();
  const queue = ['/'];
  let visited = 0;
  for (const url of queue) {
    visited += 1;
    growth.addPage(url, 'same');
    if (growth.isEndless(url)) continue;
    for (const link of ['a', 'b', 'c', 'd'].map((name) => `${url}${name}/`)) {
      growth.addLink(link, url);
      queue.push(link);
    }
  }
  // Six levels of four links each would be 5,461 pages.
  expect(visited).toBeLessThan(100);
});

test('many pages with one text that are found on a good page are no series', () => {
  const growth = new Growth();
  growth.addPage('/', 'start');
  for (let page = 0; page < 50; page += 1) {
    growth.addLink(`/${page}`, '/');
    growth.addPage(`/${page}`, 'sign in');
    expect(growth.isEndless(`/${page}`)).toBe(false);
  }
});
