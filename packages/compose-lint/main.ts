import { lintFiles } from './src/lint.ts';
import type { Message } from './src/messages.ts';

// npm run lint:compose -- FILE [OVERLAY...]: the files as `-f FILE -f OVERLAY` would run them.
// Without files: the stack alone, with each of its overlays, and the one for several replicas.
const STACK = 'compose/compose.yaml';
const SCALE = 'compose/scale.yaml';
const OVERLAYS = [
  'backup',
  'durable',
  'gpu',
  'model-store',
  'monitoring',
  'remote-models',
  'sandbox',
  'traces',
].map((name) => `compose/${name}.yaml`);

const USAGE = `npm run lint:compose [-- [--strict] FILE [OVERLAY...]]: checks the files merged, as -f FILE -f OVERLAY
would run them; without files, the stack of this repository, each of its overlays, and compose/scale.yaml.
Errors (it does not start, or loses data) come first, then warnings (risks), then advice. The exit code is 1 with errors;
with --strict, and without files, with any message.`;

const LEVELS = ['error', 'warning', 'advice'] as const;

const words = process.argv.slice(2);
const given = words.filter((word) => word !== '--strict');
const isStrict = words.includes('--strict') || given.length === 0;
const runs = given.length > 0 ? [given] : [[STACK], ...OVERLAYS.map((overlay) => [STACK, overlay]), [SCALE]];

if (given.some((word) => word.startsWith('-'))) {
  console.log(USAGE);
  process.exitCode = given.includes('--help') ? 0 : 2;
} else process.exitCode = runs.map(report).includes(false) ? 1 : 0;

function report(files: readonly string[]): boolean {
  try {
    const messages = lintFiles(files);
    for (const { file, line, rule, level, text } of messages)
      console.log(`${file}:${line} ${level} ${rule}: ${text}`);
    console.log(`${files.join(' + ')}: ${messages.length === 0 ? 'ok' : summary(messages)}`);
    return !messages.some(({ level }) => isStrict || level === 'error');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

function summary(messages: readonly Message[]): string {
  return LEVELS.map((level) => {
    const { length } = messages.filter((message) => message.level === level);
    return `${length} ${level}${length === 1 || level === 'advice' ? '' : 's'}`;
  }).join(', ');
}
