// npm run models -- list | pull [hf:user/name[:QUANT]] | verify | rm NAME
import { fileURLToPath } from 'node:url';
import { runModelsCommand } from '@xnai/inference/command';
import { runMain } from '@xnai/service';

await runMain(async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    process.exitCode = await runModelsCommand(process.argv.slice(2), {
      root: fileURLToPath(new URL('../..', import.meta.url)),
      print: (line) => console.log(line),
      signal: stop.signal,
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log('Stopped. The next pull continues from here.');
    process.exitCode = 1;
  }
});
