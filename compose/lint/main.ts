import { lintFiles } from './lint.ts';

// npm run lint:compose -- FILE [OVERLAY...]: the files as `-f FILE -f OVERLAY` would run them.
// Without files: the stack alone, and with each of its overlays.
const STACK = 'compose/compose.yaml';
const OVERLAYS = ['durable', 'gpu', 'sandbox'].map((name) => `compose/${name}.yaml`);

const given = process.argv.slice(2);
const runs = given.length > 0 ? [given] : [[STACK], ...OVERLAYS.map((overlay) => [STACK, overlay])];

process.exitCode = runs.map(report).includes(false) ? 1 : 0;

function report(files: readonly string[]): boolean {
  try {
    const messages = lintFiles(files);
    for (const { file, line, rule, text } of messages) console.error(`${file}:${line} ${rule}: ${text}`);
    console.log(`${files.join(' + ')}: ${messages.length === 0 ? 'ok' : `${messages.length} found`}`);
    return messages.length === 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}
