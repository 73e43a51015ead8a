import type { Act, AuditLog } from '../audit-log.ts';

/** For tests: an audit log in memory, which refuses while `failure` is set. */
export function recordActs() {
  const acts: Act[] = [];
  const log: AuditLog & { acts: Act[]; failure: string | undefined } = {
    acts,
    failure: undefined,
    async record(act) {
      if (log.failure !== undefined) throw new Error(log.failure);
      return { seq: acts.push(act) };
    },
    state: () => ({
      writer: 'test',
      checkpoint: { seq: 1, hash: 'ab'.repeat(32) },
      failure: log.failure,
    }),
  };
  return log;
}
