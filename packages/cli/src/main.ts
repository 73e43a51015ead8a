#!/usr/bin/env node
import { runMain } from '@xnai/service';
import { openTerminal } from './terminal.ts';
import { runXnai } from './xnai.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

await runMain(async () => {
  process.exitCode = await runXnai(process.argv.slice(2), openTerminal(stop.signal));
});
