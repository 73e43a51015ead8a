import { join, resolve } from 'node:path';
import { env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { type AuditPlaces, absolutePlaces, auditEnv } from '../audit/index.ts';
import { keysFileEnv, keysFileOf } from '../keys-file.ts';
import { REDIS_FOLDER } from '../redis-folder.ts';
import { root } from '../root.ts';

/** Where the parts of a stack lie that a backup holds. */
export interface StackPlaces {
  readonly dataDir: string;
  /** The index file of rag. */
  readonly index: string;
  /** Finished copies of it; undefined: it is copied by the backup itself. */
  readonly snapshots: string | undefined;
  readonly keys: string;
  /** The file in which the crawler keeps its schedules. */
  readonly schedules: string;
  readonly audit: AuditPlaces;
  /** Data folder of a Redis that saves to a disk. It need not be there. */
  readonly redis: string;
}

/** A stack that lies in one folder as a whole. */
export function placesIn(dataDir: string): StackPlaces {
  return {
    dataDir,
    index: join(dataDir, 'index/rag.sqlite'),
    snapshots: undefined,
    keys: join(dataDir, 'keys.json'),
    schedules: join(dataDir, 'schedules.json'),
    audit: { folder: join(dataDir, 'audit'), keyFile: join(dataDir, 'audit-key') },
    redis: join(dataDir, REDIS_FOLDER),
  };
}

const Variables = z.object({
  ...keysFileEnv,
  ...auditEnv,
  RAG_INDEX_DIR: env.text().optional(),
  RAG_SNAPSHOT_DIR: env.text().optional(),
  CRAWL_SCHEDULES_FILE: env.text().optional(),
  XNAI_REDIS_DIR: env.text().optional(),
});

/** @throws {ConfigError} with all problems of the environment at once */
export function readStackPlaces(): StackPlaces {
  const vars = readConfig(Variables);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(root, path));
  const dataDir = resolve(root, vars.XNAI_DATA_DIR);
  return {
    dataDir,
    index: join(absolute(vars.RAG_INDEX_DIR) ?? join(dataDir, 'index'), 'rag.sqlite'),
    snapshots: absolute(vars.RAG_SNAPSHOT_DIR),
    keys: keysFileOf(vars),
    schedules: absolute(vars.CRAWL_SCHEDULES_FILE) ?? join(dataDir, 'schedules.json'),
    audit: absolutePlaces(vars),
    redis: absolute(vars.XNAI_REDIS_DIR) ?? join(dataDir, REDIS_FOLDER),
  };
}
