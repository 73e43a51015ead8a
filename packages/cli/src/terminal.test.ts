import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openTerminal } from './terminal.ts';

function open(isTTY: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) =>
    Object.assign(stream, { isTTY, columns: 80 }),
  ) as [Screen, Screen];
  const terminal = openTerminal(AbortSignal.timeout(10_000), { stdin: process.stdin, stdout, stderr });
  return { terminal, out: () => String(stdout.read()), err: () => String(stderr.read()) };
}
type Screen = PassThrough & { readonly isTTY: boolean; readonly columns: number };

/** Fills the clipboard, in both of its forms. */
const HOSTILE = 'Tides\u001B]52;c;aGk=\u0007 and\u009D52;c;aGk=\u0007\r\n\tmoon\rsun';
const SHOWN = 'Tides\uFFFD]52;c;aGk=\uFFFD and\uFFFD52;c;aGk=\uFFFD\n\tmoon\nsun';

test('a screen gets no command from what is written', () => {
  const { terminal, out, err } = open(true);
  terminal.write(HOSTILE);
  terminal.print(HOSTILE);
  expect(out()).toBe(`${SHOWN}${SHOWN}\n`);
  terminal.say(HOSTILE);
  expect(err()).toBe(`${SHOWN}\n`);
  terminal.status(HOSTILE);
  expect(err()).toBe(`\r\u001B[K${SHOWN.split('\n')[0]}`);
});

test('a file or a pipe gets every character', () => {
  const { terminal, out } = open(false);
  terminal.print(HOSTILE);
  expect(out()).toBe(`${HOSTILE}\n`);
});
