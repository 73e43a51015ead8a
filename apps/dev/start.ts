// The stack without containers: a private Redis, rag and crawler, until Ctrl-C.
import { once } from 'node:events';
import { runMain } from '@xnai/service';
import { readStartConfig, urlOf } from './start/config.ts';
import { openStack } from './start/stack.ts';
import { StartError } from './start/start-error.ts';
import { createStopSignal } from './start/stop-signal.ts';
import { renderWelcome } from './start/welcome.ts';

await runMain(async () => {
  const signal = createStopSignal();
  const config = readStartConfig();
  try {
    const failure = await runStack();
    if (failure !== undefined) throw new StartError(failure);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof StartError)) throw error;
    console.error(`start: ${error.message}`);
    process.exitCode = 1;
  }

  async function runStack(): Promise<string | undefined> {
    await using stack = await openStack(config, {
      signal,
      report: (message) => console.log(`start: ${message}`),
    });
    if (signal.aborted) return undefined;
    console.log(
      renderWelcome({
        ...stack,
        dataDir: config.dataDir,
        ragUrl: urlOf(config.rag),
        crawlerUrl: urlOf(config.crawler),
        tookMs: performance.now(),
      }),
    );
    const failure = await Promise.race([once(signal, 'abort'), stack.failure]);
    const reason = typeof failure === 'string' ? failure : undefined;
    console.log(reason === undefined ? 'start: stopping' : `start: ${reason}; stopping the rest`);
    return reason;
  }
});
