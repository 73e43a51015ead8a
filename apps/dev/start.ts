// The stack without containers: a private Redis, rag and crawler, until Ctrl-C.
import { once } from 'node:events';
import { runMain } from '@xnai/service';
import { readEnvironment } from './start/check-environment.ts';
import { readStartConfig, type StartConfig, urlOf } from './start/config.ts';
import { openStack } from './start/stack.ts';
import { StartError } from './start/start-error.ts';
import { renderWelcome } from './start/welcome.ts';

/**
 * The first signal stops the stack. Later ones have no effect: npm repeats a Ctrl-C that this process has already
 * received from the terminal, and the time for stopping is limited.
 */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));

await runMain(async () => {
  const config = await readEnvironment(readStartConfig);
  try {
    await runStack(config, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
});

async function runStack(config: StartConfig, signal: AbortSignal): Promise<void> {
  const report = (message: string) => console.log(`start: ${message}`);
  await using stack = await openStack(config, { signal, report });
  if (signal.aborted) return;
  console.log(
    renderWelcome({
      ...stack,
      dataDir: config.dataDir,
      places: config.places,
      ragUrl: urlOf(config.rag),
      crawlerUrl: urlOf(config.crawler),
      tookMs: performance.now(),
    }),
  );
  const end = await Promise.race([once(signal, 'abort'), stack.failure]);
  if (typeof end === 'string') {
    report(`${end}; stopping the rest`);
    throw new StartError(end);
  }
  report('stopping');
}
