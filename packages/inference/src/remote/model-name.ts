import { ServerFault } from './server-fault.ts';

/**
 * Servers say a name in several lengths: `qwen` for `qwen:latest`, a dated version for a family. Another model is one
 * whose name neither begins nor is the beginning of the one that was asked for.
 *
 * @throws {ServerFault} when the answer is of another model
 */
export function checkModelName(answered: string | null | undefined, asked: string): void {
  if (!answered) return;
  const [a, b] = [baseOf(answered), baseOf(asked)];
  if (a.startsWith(b) || b.startsWith(a)) return;
  throw new ServerFault(
    'failed',
    `answers as ${JSON.stringify(answered.slice(0, 80))}, another model than asked for`,
  );
}

/** Without folders and the ending of a file: llama-server names a model by its path. */
function baseOf(name: string): string {
  return (name.split('/').at(-1) ?? name).replace(/\.gguf$/i, '').toLowerCase();
}
