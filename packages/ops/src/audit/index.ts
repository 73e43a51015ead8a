export { ACTS } from './acts.ts';
export { listWriters } from './chain-files.ts';
export { commandAudit } from './command-audit.ts';
export type { AuditLine } from './line.ts';
export { fitsFilter, isOfKind, readActs, readNewestActs } from './read-acts.ts';
export { absolutePlaces, auditEnv, readAuditPlaces } from './read-places.ts';
export { type AuditPlaces, auditPlaces, startAudit } from './start-audit.ts';
export { type ChainSummary, type KnownHead, verifyAudit } from './verify.ts';
