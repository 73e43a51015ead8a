export type { ContractCase } from './contract-case.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
export { MemoryBackend, type MemoryStore } from './memory-store.ts';
export { type RedisServer, startRedis } from './redis-server.ts';
export { storeContract } from './store-contract.ts';
