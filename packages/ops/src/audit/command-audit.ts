import { userInfo } from 'node:os';
import type { Act, AuditLog } from '@xnai/service';
import { Audit } from './audit.ts';
import type { AuditPlaces } from './start-audit.ts';

/** The chain of all commands; several commands may run side by side. */
const WRITER = 'commands';
const WAIT_MS = 10_000;

/** A container's user may have no name. */
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

/**
 * Records the acts of a command, in the name of the user who runs it. The chain is open only while an act is recorded, since
 * other commands wait for it.
 */
export function commandAudit(places: AuditPlaces): Pick<AuditLog, 'record'> {
  return {
    async record(act: Act) {
      await using audit = new Audit({ ...places, writer: WRITER, by: user(), waitForMs: WAIT_MS });
      return await audit.record(act);
    },
  };
}
