import { describe, expect, test } from 'vitest';
import { namedThingsOf } from './named-things.ts';

function held(question: string, text: string): boolean {
  const things = namedThingsOf(question, /^How (?!many)/.test(question));
  return things.every(({ ways }) => ways.some((way) => way.every((spelling) => spelling.test(text))));
}

describe('what a question asks for by name', () => {
  test.each<[question: string, ...names: string[]]>([
    ['What does error 99 mean?', 'error 99'],
    ['Until when is Node 18 supported?', 'Node 18'],
    ['Was bedeutet Fehler 99?', 'Fehler 99'],
    ['エラー99とは何ですか', 'エラー99'],
    ['Which device is 192.168.178.99?', '192.168.178.99'],
    ['What does the option --turbo of git clone -x do?', '--turbo', '-x'],
    ['What do fs.readFileSync and GIT_EDITOR do in C++?', 'fs.readFileSync', 'GIT_EDITOR', 'C++'],
    ['How do I fix error 12 in logs?', 'error 12'],
    ['How do I show the last 10 commits?'],
    ['Is it and/or the U.S. law, e.g. a read-only one?'],
    ['Who keeps the well-known pre-lunch hook?'],
  ])('%s', (question, ...names) => {
    expect(namedThingsOf(question, /^How/.test(question)).map(({ name }) => name)).toEqual(names);
  });
});

describe('a text holds the thing', () => {
  test.each([
    ['error 99', 'Errors 17, 99 and 3'],
    ['Node 18', 'Node.js v18 and Node 18.2'],
    ['version 3.14.3', 'fixed in v3.14.3.'],
    ['ISO27001', 'ISO 27001'],
    ['ISO27001', 'ISO/IEC 27001'],
    ['ISO 27001', 'see ISO27001'],
    ['1250 W', 'draws 1,250 W'],
    ['1250 W', 'braucht 1.250 W'],
    ['1 250 W', 'draws 1250 W'],
    ['12500 dollars', '$12,500.00'],
    ['150000 rupees', '1,50,000 rupees'],
    ['Does it reach 30m?', 'up to 30 metres'],
    ['Does it reach 30 m?', 'up to 30m'],
    ['5.5 V', '5,50 V'],
    ['the 27th meeting', 'the twenty-seventh meeting'],
    ['the 27th meeting', 'meeting XXVII'],
    ['on 2024-05-12', 'the 12th of May 2024'],
    ['--no-verify', '--[no-]verify'],
    ['--depth', '--depth=<n>'],
    ['-l', 'ls -la'],
    ['getUserById', 'get_user_by_id'],
    ['/etc/motd.conf', 'the file motd.conf'],
    ['fs.readFileSync', 'fs\nreadFileSync(path)'],
  ])('%s: %s', (question, text) => {
    expect(held(question, text)).toBe(true);
  });
});

describe('a text about a neighbour does not', () => {
  test.each([
    ['error 99', 'error 199, 99.95 % of the time'],
    ['Until when is Node 18 supported?', 'Deno 18'],
    ['version 3.14.3', 'versions 3.14.33 and 3.14.2'],
    ['192.168.178.9', '192.168.178.99'],
    ['section 80E', 'sections 80C and 80EE'],
    ['--no', '--no-edit'],
    ['-m', '-M and --m'],
    ['1250 W', '12500 W'],
    ['gc.colour', 'gc.auto and color'],
  ])('%s: %s', (question, text) => {
    expect(held(question, text)).toBe(false);
  });
});
