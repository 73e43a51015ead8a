import { type DatabaseFacts, lookAtDatabase } from '../database/index.ts';
import { about, type Finding } from './finding.ts';
import { runs, type Scene } from './scene.ts';

/** Beside the pool of a rag: its connections to cancel and to check by, one for each of three leads, and one that makes indexes. */
const BESIDES_POOL = 6;
const DEFAULT_POOL = 10;

/** The PostgreSQL that keeps the documents. On a host with containers, rag's own container looks at it: see `checkInside`. */
export async function checkDatabase(scene: Scene): Promise<readonly Finding[]> {
  const { host, settings, isInside } = scene;
  const store = settings['RAG_STORE'];
  if (store === undefined || !/^postgres(ql)?:/.test(store) || (!isInside && runs(scene))) return [];
  const { error, ok } = about('database');
  const url = URL.parse(store);
  if (url === null) return [error('RAG_STORE is no URL: expected postgres://USER@HOST:PORT/DATABASE')];
  const file = settings['RAG_STORE_PASSWORD_FILE'];
  const [password] = file === undefined ? [] : (host.read(file) ?? '').split('\n');
  if (password === '') return [error(`RAG_STORE_PASSWORD_FILE has no password in it`, `ls -l ${file}`)];
  const login = `psql -h ${url.hostname} -p ${url.port || 5432} -U ${url.username} ${url.pathname.slice(1)}`;
  const { problem, facts } = await lookAtDatabase({ url: store, password });
  if (problem !== undefined || facts === undefined) return [error(problem ?? 'it does not answer', login)];
  const pool = Number(settings['RAG_STORE_CONNECTIONS'] ?? DEFAULT_POOL);
  return [...judgeConnections(facts, pool, login), ok(describe(facts))];
}

function describe({ version, pgvector, search, format, newestFormat, bytes }: DatabaseFacts): string {
  const tables =
    format === newestFormat
      ? `tables of format ${format}`
      : format === 0
        ? 'no tables yet, which the next start makes'
        : `tables of format ${format}, which the next start changes to ${newestFormat}`;
  const vectors = pgvector === undefined ? 'pgvector not yet created in it' : `pgvector ${pgvector}`;
  return `PostgreSQL ${version}, ${vectors}, ${search}, ${tables}, ${Math.ceil(bytes / 1024 ** 2)} MiB`;
}

function judgeConnections(
  { connections, used }: DatabaseFacts,
  pool: number,
  login: string,
): readonly Finding[] {
  const { error, warning, ok } = about('database');
  const each = pool + BESIDES_POOL;
  const room = Math.floor((connections - used) / each);
  const counted = `of its ${connections} connections others have ${used}, and a rag opens up to ${each}`;
  if (room > 1) return [ok(`${counted}: room for ${room} replicas`)];
  const raise = `${login} -c 'ALTER SYSTEM SET max_connections = ${2 * each + used + 20}'   # as a superuser, and restart it; or lower RAG_STORE_CONNECTIONS`;
  return [
    room === 1
      ? warning(`${counted}: a second replica has no room, which each needs while it is replaced`, raise)
      : error(`${counted}: under load it is refused some`, raise),
  ];
}
