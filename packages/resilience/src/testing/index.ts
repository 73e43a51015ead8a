export type { ContractCase } from './contract-case.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { MemoryBackend, type MemoryStore } from './memory-store.ts';
export { storeContract } from './store-contract.ts';
