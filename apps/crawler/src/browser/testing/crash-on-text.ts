import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';

// A Chromium that starts, and whose page crashes as soon as it is given a text: node crash-on-text.ts CHROMIUM FLAG...
// Passes on what Playwright says to the browser (pipe 3); the browser answers for itself (pipe 4).

const [executable = '', ...flags] = process.argv.slice(2);
const chromium = spawn(executable, flags, { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 4] });
const pipe = chromium.stdio[3] as Writable;

createReadStream('', { fd: 3, encoding: 'utf8' })
  .on('data', (said) => {
    const session = /"sessionId":"(\w+)"/.exec(String(said))?.[1];
    if (said.includes('The probe wrote'))
      pipe.write(`${JSON.stringify({ id: 1e9, sessionId: session, method: 'Page.crash' })}\0`);
    pipe.write(said);
  })
  .on('end', () => pipe.end());
