import { registerHooks } from 'node:module';
import { replaceNumber } from './replace-number.ts';

/** For `node --import`: the process, and its threads, get another number for one weight. */
interface Variation {
  readonly module: string;
  readonly name: string;
  readonly value: number;
}

const varied = JSON.parse(process.env['BENCH_WEIGHT'] ?? '{}') as Variation;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== varied.module) return loaded;
    return { ...loaded, source: replaceNumber(String(loaded.source), varied.name, () => varied.value) };
  },
});
