export { AUTHORITY, EXPIRED, GOOD, type TestCertificate } from './certificates.ts';
export { hasApt, unpackDebianPackages } from './debian-packages.ts';
export { type DnsServer, openDnsServer } from './dns-server.ts';
export { type FakeHub, type HubRepository, startFakeHub } from './fake-hub.ts';
export { type FaultProxy, openFaultProxy } from './fault-proxy.ts';
export { FORBIDDEN_HOSTS, hostileNames, lookupFrom, v4 } from './forbidden-hosts.ts';
export { findFreePorts } from './free-ports.ts';
export { type Inside, openInside } from './inside.ts';
export { type MemoryGroup, openMemoryGroup } from './memory-group.ts';
export { type MountedTmpfs, mountTmpfs } from './mount-tmpfs.ts';
export { startObjectStore, type TestObjectStore } from './object-store.ts';
export { childrenOf, commandOf, descendantsOf, isAlive } from './processes.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { SELF_SIGNED } from './self-signed.ts';
export { startSentinels, type TestSentinels, type WatchedRedis } from './sentinels.ts';
export {
  article,
  type Handler,
  type Page,
  redirectTo,
  respond,
  serveFolder,
  startSite,
  type TestSite,
} from './site.ts';
export {
  type CollectedSpan,
  readSpans,
  startTraceCollector,
  type TraceCollector,
} from './trace-collector.ts';
export { waitUntil } from './wait-until.ts';
