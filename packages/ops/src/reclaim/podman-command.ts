import type { Host } from '../host/host.ts';
import { lastLine } from '../podman/podman.ts';
import type { Removable } from './item.ts';

/** The command to show and the function that runs it. */
export function podmanCommand(host: Host, ...args: readonly string[]): Pick<Removable, 'command' | 'remove'> {
  return {
    command: `podman ${args.join(' ')}`,
    remove: async () => {
      const ran = await host.run('podman', ...args);
      if (ran === undefined || ran.code !== 0)
        throw new Error(ran === undefined ? 'there is no podman' : lastLine(ran));
    },
  };
}
