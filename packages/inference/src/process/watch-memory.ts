import { memoryGroups } from '@xnai/resilience';
import type { ModelRole } from '../model.ts';

/** Memory that processes and tmpfs mounts of this service may still take before the kernel ends one of them. */
export interface FreeMemory {
  readonly freeBytes: number;
  readonly limitBytes: number;
}

/**
 * Below which free share of the limit a model is given up. The largest goes first, and what it frees is seen before the next
 * would follow.
 */
const GIVEN_UP_AT: Readonly<Record<ModelRole, number>> = { generate: 0.05, rerank: 0.04, embed: 0.03 };

const CALM_SHARE = 0.2;
const CALM_MS = 1_000;
const ALERT_MS = 50;

/** Looks at the memory limit that is nearest, once a second and often when it is near, and says when it is reached. */
export function watchMemory(
  role: ModelRole,
  onShort: (free: FreeMemory) => void,
  read: () => FreeMemory | undefined = freeMemory,
): Disposable {
  let timer: NodeJS.Timeout;
  const look = () => {
    const free = read();
    const share = free === undefined ? 1 : free.freeBytes / free.limitBytes;
    if (free !== undefined && share < GIVEN_UP_AT[role]) onShort(free);
    timer = setTimeout(look, share < CALM_SHARE ? ALERT_MS : CALM_MS).unref();
  };
  look();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Of the tightest control group around this process; undefined without a limit. @param root `/` outside of tests */
export function freeMemory(root = '/'): FreeMemory | undefined {
  const groups = memoryGroups(root).map(({ limitBytes, chargedBytes, stat }) => {
    // File pages that nobody has mapped, those of a model just fetched among them, can be dropped when memory is needed.
    const droppable = Math.max(0, stat('active_file') + stat('inactive_file') - stat('file_mapped'));
    return { limitBytes, freeBytes: limitBytes - Math.max(0, chargedBytes - droppable) };
  });
  return groups.sort((a, b) => a.freeBytes - b.freeBytes)[0];
}
