import type { ModelRole } from '../model.ts';
import type { RoleProcess } from './model-slot.ts';

/**
 * Has the small models take one thread while another model computes on the CPU: threads beyond the cores make all of
 * them many times slower, as the engine waits by spinning. The model that generates keeps its own. To be told when a
 * model begins to compute and when it ends.
 */
export function createCoreSharing(
  processes: Readonly<Record<ModelRole, RoleProcess>>,
): (role: ModelRole, isBusy: boolean) => void {
  const busy = new Set<ModelRole>();
  const tell = (role: ModelRole) => {
    const others = [...busy].filter((other) => other !== role);
    processes[role].share(others.some((other) => processes[other].info()?.device.kind === 'cpu'));
  };
  for (const role of YIELDING) processes[role].onReady(() => tell(role));
  return (role, isBusy) => {
    if (isBusy) busy.add(role);
    else busy.delete(role);
    for (const other of YIELDING) if (other !== role) tell(other);
  };
}

const YIELDING = ['embed', 'rerank'] as const satisfies readonly ModelRole[];
