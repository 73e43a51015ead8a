import { describe, expect, it } from 'vitest';
import type { ModelInfo, ModelRole } from '../model.ts';
import type { RoleProcess } from './role-process.ts';
import { createCoreSharing } from './share-cores.ts';

/** Processes that only note what they are told; `kind` is what generation runs on. */
function createNoted(kind: 'cpu' | 'vulkan' = 'cpu') {
  const told: string[] = [];
  const starts = new Map<ModelRole, () => void>();
  const process = (role: ModelRole): RoleProcess => ({
    state: () => ({ status: 'ready', detail: '' }),
    info: () => ({ device: { kind: role === 'generate' ? kind : 'cpu' } }) as ModelInfo,
    call: () => ({ abort: () => undefined }),
    ask: () => Promise.reject(new Error('not asked')),
    onReady: (listener) => void starts.set(role, listener),
    share: (isShared) => void told.push(`${role}:${isShared ? 'one thread' : 'all'}`),
  });
  const share = createCoreSharing({
    generate: process('generate'),
    embed: process('embed'),
    rerank: process('rerank'),
  });
  return { told, share, restart: (role: ModelRole) => starts.get(role)?.() };
}

describe('sharing of cores', () => {
  it('has the small models take one thread while an answer is written, and all again after it', () => {
    const { told, share } = createNoted();
    share('generate', true);
    expect(told).toEqual(['embed:one thread', 'rerank:one thread']);
    told.length = 0;
    share('generate', false);
    expect(told).toEqual(['embed:all', 'rerank:all']);
  });

  it('has the small models heed each other, and never the one that generates', () => {
    const { told, share } = createNoted();
    share('embed', true);
    share('rerank', true);
    share('embed', false);
    expect(told).toEqual(['rerank:one thread', 'embed:one thread', 'rerank:all']);
  });

  it('leaves the cores to them while generation runs on a GPU', () => {
    const { told, share } = createNoted('vulkan');
    share('generate', true);
    expect(told).toEqual(['embed:all', 'rerank:all']);
  });

  it('tells a process that is started again', () => {
    const { told, share, restart } = createNoted();
    share('generate', true);
    told.length = 0;
    restart('embed');
    expect(told).toEqual(['embed:one thread']);
  });
});
