import { lintFiles } from './src/lint.ts';

// npm run lint:compose -- FILE [OVERLAY...]: the files as `-f FILE -f OVERLAY` would run them.
// Without files: the stack alone, and with each of its overlays.
const STACK = 'compose/compose.yaml';
const OVERLAYS = ['durable', 'gpu', 'sandbox'].map((name) => `compose/${name}.yaml`);

const USAGE = `npm run lint:compose [-- FILE [OVERLAY...]]: checks the files merged, as -f FILE -f OVERLAY
would run them; without files, the stack of this repository and each of its overlays.`;

const given = process.argv.slice(2);
const runs = given.length > 0 ? [given] : [[STACK], ...OVERLAYS.map((overlay) => [STACK, overlay])];

if (given.some((word) => word.startsWith('-'))) {
  console.log(USAGE);
  process.exitCode = given.includes('--help') ? 0 : 2;
} else process.exitCode = runs.map(report).includes(false) ? 1 : 0;

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
