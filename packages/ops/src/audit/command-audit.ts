import { userInfo } from 'node:os';
import type { Act } from '@xnai/service';
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
 * Records acts of one command, in the name of the user who runs it. It opens the chain at the first act.
 *
 * @example
 * await using audit = commandAudit(places);
 * await revokeKey(file, id, audit);
 */
export function commandAudit(places: AuditPlaces, onError: (error: unknown) => void = () => {}) {
  let opened: Audit | undefined;
  return {
    record(act: Act) {
      opened ??= new Audit({
        ...places,
        writer: WRITER,
        by: user(),
        waitForMs: WAIT_MS,
        onError,
      });
      return opened.record(act);
    },
    async [Symbol.asyncDispose]() {
      await opened?.close();
    },
  };
}
