import { resolve } from 'node:path';
import { commonEnv, readConfig } from '@xnai/service';
import { z } from 'zod';
import { root } from '../root.ts';
import { type AuditPlaces, auditPlaces } from './start-audit.ts';

const { XNAI_DATA_DIR, XNAI_AUDIT_DIR, XNAI_AUDIT_KEY_FILE } = commonEnv;

/** The variables that say where the audit chains are. */
export const auditEnv = { XNAI_DATA_DIR, XNAI_AUDIT_DIR, XNAI_AUDIT_KEY_FILE };

/** @throws {ConfigError} with all problems of the environment at once */
export function readAuditPlaces(): AuditPlaces {
  return absolutePlaces(readConfig(z.object(auditEnv)));
}

/** Relative paths start at the root of the repository, as the services do. */
export function absolutePlaces(values: z.infer<z.ZodObject<typeof auditEnv>>): AuditPlaces {
  const { folder, keyFile } = auditPlaces(values);
  return { folder: resolve(root, folder), keyFile: resolve(root, keyFile) };
}
