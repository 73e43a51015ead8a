import { spawn } from 'node:child_process';
import { openParent } from '../parent.ts';

/** A child for tests: it does what it is told, well or badly. */
type Order =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'exit'; readonly code: number; readonly stderr?: string }
  | { readonly do: 'ignore-sigterm' | 'hang' | 'eat-memory' | 'print-environment' }
  | { readonly do: 'spawn-grandchild'; readonly detached: boolean };

const kept: Buffer[] = [];
const parent = openParent<Order, unknown>((order) => void obey(order));

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'echo':
      return parent.send(order.value);
    case 'exit':
      return process.stderr.write(order.stderr ?? '', () => process.exit(order.code));
    case 'ignore-sigterm':
      process.on('SIGTERM', () => {});
      return parent.send('ignoring');
    case 'hang':
      await parent.send('hanging');
      for (;;);
    case 'eat-memory':
      return setInterval(() => kept.push(Buffer.alloc(32 * 1024 ** 2, 1)), 5);
    case 'print-environment':
      // biome-ignore lint/style/noProcessEnv: what the test asks about
      return parent.send(process.env);
    case 'spawn-grandchild': {
      const { pid } = spawn('sleep', ['60'], { stdio: 'inherit', detached: order.detached });
      return parent.send(pid);
    }
  }
}
