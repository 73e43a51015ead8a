import { spawn } from 'node:child_process';
import { openParent } from '../parent.ts';

/** A child for tests: it does what it is told, well or badly. */
type Order =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'exit'; readonly code: number; readonly stderr?: string }
  | {
      readonly do:
        | 'ignore-sigterm'
        | 'hang'
        | 'sleep'
        | 'eat-memory'
        | 'exit-next'
        | 'print-environment'
        | 'print-pid';
    }
  | { readonly do: 'spawn-grandchild'; readonly detached: boolean };

const kept: Buffer[] = [];
let exitsNext = false;
const parent = openParent<Order, unknown>((order) => {
  if (exitsNext) process.exit(1);
  void obey(order);
});

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
    case 'sleep':
      return undefined;
    case 'exit-next':
      exitsNext = true;
      return parent.send('later');
    case 'eat-memory':
      return setInterval(() => kept.push(Buffer.alloc(32 * 1024 ** 2, 1)), 5);
    case 'print-environment':
      // biome-ignore lint/style/noProcessEnv: what the test asks about
      return parent.send(process.env);
    case 'print-pid':
      return parent.send(process.pid);
    case 'spawn-grandchild': {
      const { pid } = spawn('sleep', ['60'], { stdio: 'inherit', detached: order.detached });
      return parent.send(pid);
    }
  }
}
