import type { ModelRole } from '../model.ts';
import type { RoleProcess } from './role-process.ts';

/**
 * Limits the small models to one thread while another model computes on the CPU. More threads than cores make all models
 * many times slower, because the engine waits by spinning. The generation model keeps its threads. The returned function
 * must be called when a model begins to compute and when it ends.
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
