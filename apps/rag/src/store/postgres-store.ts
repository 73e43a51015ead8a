import type { DocumentKey } from './document-key.ts';
import type { TakeLead } from './lead.ts';
import { type Change, changeIn } from './postgres/change.ts';
import { getCollection, listCollections } from './postgres/collections.ts';
import { type Connections, openConnections } from './postgres/connections.ts';
import type { Db } from './postgres/db.ts';
import { deleteCollection, removeRemains } from './postgres/delete-collection.ts';
import { documentVectors, exportDocument } from './postgres/export-document.ts';
import { GraphKeeper, type GraphKeeperOptions } from './postgres/graph-keeper.ts';
import { GRAPH_LIMITS } from './postgres/graphs.ts';
import { requireLead, takeLead } from './postgres/lead.ts';
import { beginSet, discardSets, putVectors, quarantineText } from './postgres/make-vectors.ts';
import { isCurrent, migrate, requireCurrent } from './postgres/migrate.ts';
import type { CutDocument, Indexed } from './postgres/postings/cut-terms.ts';
import { ListCache } from './postgres/postings/list-cache.ts';
import { PACK_LIMITS, type PackLimits } from './postgres/postings/pack.ts';
import { cutIn, openCutters, openScorers, type Scorers, scoringIn } from './postgres/postings/threads.ts';
import { Upkeep } from './postgres/postings/upkeep.ts';
import { getChunks, getDocument, getSummary, listDocuments, listOutdated } from './postgres/read.ts';
import { getAddress, listAddresses } from './postgres/read-addresses.ts';
import { countDivided, pendingTexts, quarantinedChunks, vectorStats } from './postgres/read-vectors.ts';
import { findOlder, replaceTerms } from './postgres/reindex.ts';
import { removeDeleted } from './postgres/remove-deleted.ts';
import { type Searching, search, termStatistics } from './postgres/search.ts';
import { keepCheck, setChecks } from './postgres/set-checks.ts';
import { readStats } from './postgres/stats.ts';
import { makeNextWords } from './postgres/textsearch/make-words.ts';
import { Turns } from './postgres/turns.ts';
import { UnderWay } from './postgres/under-way.ts';
import {
  deleteDocument,
  importDocument,
  replaceMetadata,
  replaceReading,
  upsert,
} from './postgres/write-documents.ts';
import type { Store } from './store.ts';
import type { StoreCallOptions } from './store-call.ts';
import { StoreError } from './store-error.ts';
import type { TransferTarget } from './transfer.ts';
import type { VectorStore } from './vectors.ts';

export interface PostgresStoreOptions {
  /** `postgres://user@host:5432/database`. */
  readonly url: string;
  /** In place of the one in the URL. */
  readonly password?: string | undefined;
  /** Connections at a time, half of which write. */
  readonly connections?: number | undefined;
  /** Neither makes tables nor changes them: those of another release, and a database without them, are refused. */
  readonly asItIs?: boolean | undefined;
  readonly nowMs?: (() => number) | undefined;
  /** Told why what is done in the background failed; it is tried again after the next change. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** Told that it waits for another process, which brings the tables of an older release to this one. */
  readonly onWait?: (() => void) | undefined;
  /** When terms are packed. Default: as measured. */
  readonly pack?: PackLimits | undefined;
  /** Which collections get an index of their vectors, and how often that is looked at. Default: as measured. */
  readonly graphs?: Pick<GraphKeeperOptions, 'limits' | 'lookEveryMs'> | undefined;
}

export interface PostgresStore extends Store, Omit<TransferTarget, keyof Store> {
  /** Lets one process at a time do what is done for all. */
  readonly lead: TakeLead;
}

const CONNECTIONS = 10;

/**
 * Opens a store in a PostgreSQL database with pgvector, which several processes may use at a time.
 *
 * @throws {StoreError} STORE_UNREACHABLE, STORE_DENIED, STORE_READ_ONLY, STORE_UNFIT, INDEX_NEWER or INDEX_FOREIGN;
 *   INDEX_MISSING or INDEX_OLDER with `asItIs`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { url, password, connections: size = CONNECTIONS, nowMs = Date.now } = options;
  const { pack = PACK_LIMITS, graphs = { limits: GRAPH_LIMITS }, onFault = () => {} } = options;
  await using opened = new AsyncDisposableStack();
  // Before the connections, whose last transactions still use them.
  const scorers = opened.use(openScorers());
  const connections = opened.use(openConnections({ url, password, size }));
  if (options.asItIs === true) await requireCurrent(connections);
  else if (!(await isCurrent(connections))) await migrateAtLeisure(options);
  const removeRest = () => removeInBackground(connections, onFault);
  // A store that is only read is left as it is.
  if (options.asItIs !== true) removeRest();
  const cutters = opened.use(openCutters());
  const resources = opened.move();
  const underWay = new UnderWay();
  const keeper = new GraphKeeper(connections, { server: { url, password }, ...graphs, onFault });
  const change = changeIn(connections, keeper);
  const close = async () => {
    await Promise.all([underWay.end(), keeper.end()]);
    await resources.disposeAsync();
  };
  const parts = {
    connections,
    change,
    removeRest,
    upkeep: new Upkeep(connections, { limits: pack, onFault }),
    during: underWay.add.bind(underWay),
    cut: (document: Indexed, { signal }: StoreCallOptions = {}) => cutIn(cutters, document, signal),
    at: () => new Date(nowMs()).toISOString(),
  };
  return {
    vectors: vectors(connections, change),
    ...reads(connections, scorers, { cache: new ListCache(), few: graphs.limits.least }),
    ...writes(parts),
    lead: (wanted) => takeLead({ url, password }, wanted),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function migrateAtLeisure({ url, password, onWait }: PostgresStoreOptions): Promise<void> {
  await using patient = openConnections({ url, password, size: 1, timeoutMs: Infinity });
  await migrate(patient, { onWait });
}

/** One that fails is gone on with by the next deletion or start. */
function removeInBackground(connections: Connections, onFault: (error: unknown) => void): void {
  void removeDeleted(connections).catch((error) => {
    if (!(error instanceof StoreError && error.code === 'STORE_CLOSED')) onFault(error);
  });
}

function reads({ read }: Connections, scorers: Scorers, found: Pick<Searching, 'cache' | 'few'>) {
  const searching = (options?: StoreCallOptions) => ({
    ...found,
    scoring: scoringIn(scorers, options?.signal),
  });
  return {
    getCollection: (name, options) => read((db) => getCollection(db, name), options),
    listCollections: ({ after = '', limit }, options) =>
      read((db) => listCollections(db, after, limit), options),
    getDocument: (key, options) => read((db) => getDocument(db, key), options),
    getSummary: (key, options) => read((db) => getSummary(db, key), options),
    listDocuments: (collection, page, options) => read((db) => listDocuments(db, collection, page), options),
    listAddresses: (collection, page, options) => read((db) => listAddresses(db, collection, page), options),
    getAddress: (key, options) => read((db) => getAddress(db, key), options),
    listOutdated: (page, options) => read((db) => listOutdated(db, page), options),
    getChunks: (collection, refs, options) => read((db) => getChunks(db, collection, refs), options),
    search: (query, options) => read((db) => search(db, query, searching(options)), options),
    termStatistics: (name, terms, options) =>
      read((db) => termStatistics(db, { name, terms }, searching(options)), options),
    stats: (options) => read(readStats, options),
    exportDocument: (key, options) => read((db) => exportDocument(db, key), options),
    documentVectors: (set, key, options) => read((db) => documentVectors(db, set, key), options),
  } satisfies Partial<PostgresStore>;
}

interface WriteParts {
  readonly connections: Connections;
  readonly change: Change;
  readonly upkeep: Upkeep;
  /** What deleted collections have left. */
  readonly removeRest: () => void;
  /** A call of several steps, for which the end of the store waits. */
  readonly during: <T>(call: () => Promise<T>) => Promise<T>;
  readonly cut: (document: Indexed, options?: StoreCallOptions) => Promise<CutDocument>;
  /** ISO 8601. */
  readonly at: () => string;
}

/** As many documents are held twice: as they came, and by their terms. */
const MOST_CUT = 16;

function writes({ connections, change, upkeep, removeRest, during, cut, at }: WriteParts) {
  const turns = new Turns(MOST_CUT);
  const changeCut = <T>(
    document: Indexed & Pick<DocumentKey, 'collection'>,
    work: (db: Db, terms: CutDocument) => Promise<T>,
    options?: StoreCallOptions,
  ) =>
    during(async () => {
      using _turn = await turns.take(options?.signal);
      const terms = await cut(document, options);
      const result = await change((db) => work(db, terms), options);
      await upkeep.note(document.collection, terms.chunks.length, options?.signal);
      return result;
    });
  return {
    upsertDocument: (document, options) =>
      changeCut(document, (db, terms) => upsert(db, { document, cut: terms, at: at() }), options),
    replaceReading: (document, options) =>
      changeCut(document, (db, terms) => replaceReading(db, { document, cut: terms }), options),
    importDocument: (document, options) =>
      changeCut(document, (db, terms) => importDocument(db, { document, cut: terms }), options),
    reindexNext: async (options) => {
      const older = await connections.read(findOlder, options);
      if (older === undefined) return await makeNextWords({ connections, cut }, options);
      const terms = await cut(older.document, options);
      await connections.write(async (db) => {
        await requireLead(db, options?.lead);
        await replaceTerms(db, older, terms);
      }, options);
      await upkeep.note(older.document.collection, terms.chunks.length, options?.signal);
      return true;
    },
    updateMetadata: (key, renewal, options) =>
      change((db) => replaceMetadata(db, key, { ...renewal, at: at() }), options),
    deleteDocument: async (key, options) => {
      const wasThere = await change((db) => deleteDocument(db, key, at()), options);
      await upkeep.note(key.collection, 1, options?.signal);
      return wasThere;
    },
    deleteCollection: async (name, options) => {
      // The rows of a small one go at once.
      const [wasThere, remains] = await change(
        async (db) =>
          [await deleteCollection(db, name), await removeRemains(db, { isAwaited: true })] as const,
        options,
      );
      if (remains !== 'none') removeRest();
      return wasThere;
    },
  } satisfies Partial<PostgresStore>;
}

function vectors({ read }: Connections, change: Change): VectorStore {
  return {
    begin: (set, options) => change((db) => beginSet(db, set), options),
    discard: (options) => change(discardSets, options),
    pending: (limit, options) => read((db) => pendingTexts(db, limit), options),
    put: (set, some, options) => change((db) => putVectors(db, set, some), options),
    quarantine: (set, text, options) => change((db) => quarantineText(db, set, text), options),
    keepCheck: (check, options) => change((db) => keepCheck(db, check), options),
    checks: (options) => read(setChecks, options),
    stats: (collection, options) => read((db) => vectorStats(db, collection), options),
    divided: (collection, options) => read((db) => countDivided(db, collection), options),
    quarantined: (collection, limit, options) =>
      read((db) => quarantinedChunks(db, collection, limit), options),
  };
}
