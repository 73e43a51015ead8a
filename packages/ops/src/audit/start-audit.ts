import { join } from 'node:path';
import type { AuditLog, Closeable, Logger } from '@xnai/service';
import { Audit, type AuditOptions } from './audit.ts';

export type AuditPlaces = Pick<AuditOptions, 'folder' | 'keyFile'>;

/** Where the audit chains and the key that signs them are, by the variables that all services read. */
export function auditPlaces(variables: {
  readonly XNAI_DATA_DIR: string;
  readonly XNAI_AUDIT_DIR?: string | undefined;
  readonly XNAI_AUDIT_KEY_FILE?: string | undefined;
}): AuditPlaces {
  const { XNAI_DATA_DIR: data, XNAI_AUDIT_DIR: folder, XNAI_AUDIT_KEY_FILE: keyFile } = variables;
  return { folder: folder ?? join(data, 'audit'), keyFile: keyFile ?? join(data, 'audit-key') };
}

export interface StartAuditOptions {
  readonly writer: string;
  readonly log: Logger;
  /** As they were set, without secrets. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Opens the chain of a service, and records its start, its settings and its end. A chain that cannot be written does not
 * keep the service from answering: its acts are refused.
 */
export async function startAudit(
  places: AuditPlaces,
  { writer, log, settings }: StartAuditOptions,
): Promise<AuditLog & Closeable> {
  const onError = (err: unknown) => log.error({ err }, 'the audit chain cannot be written');
  const audit = new Audit({
    ...places,
    writer,
    by: writer,
    onCheckpoint: ({ seq, hash }) => log.info({ writer, seq, hash }, 'audit checkpoint'),
    onError,
  });
  await audit.record({ what: 'service.start', of: { settings } }).catch(onError);
  await audit.checkpoint().catch(onError);
  return {
    name: 'audit',
    record: (act) => audit.record(act),
    state: () => audit.state(),
    async close() {
      await audit.record({ what: 'service.stop' }).catch(onError);
      await audit.close();
    },
  };
}
