import type { Db } from '../db.ts';

/** Of chunk numbers that become a segment at a time, within the time of a statement. */
const RANGE = 10_000;

const PACK = `INSERT INTO term_lists (collection, term, segment, postings)
  SELECT p.collection, p.term, s.id, string_agg(substring(int8send(p.chunk) FROM 4)
    || set_byte('\\x00'::bytea, 0, least(255, round(2 * p.weight))::int) || int2send(least(32767, p.length)::int2),
    ''::bytea ORDER BY p.chunk)
  FROM postings p JOIN unnest($3::int[], $4::int[]) AS s (id, collection) ON s.collection = p.collection
  WHERE p.chunk >= $1 AND p.chunk < $2 GROUP BY p.collection, p.term, s.id`;

/**
 * Formats 1 and 2 had a row for each posting. A replica of an older release that still runs ends first what it writes; what
 * it would write later fails as a whole, since the table is gone then.
 */
export async function packOldPostings(db: Db): Promise<void> {
  await db.run('LOCK TABLE postings IN ACCESS EXCLUSIVE MODE');
  const range = await db.get('SELECT min(id) AS first, max(id) AS last FROM chunks');
  for (let from = Number(range?.['first']); from <= Number(range?.['last']); from += RANGE) {
    const segments = await db.all(
      `INSERT INTO segments (collection, chunks) SELECT collection, count(DISTINCT chunk) FROM postings
        WHERE chunk >= $1 AND chunk < $2 AND collection IN (SELECT id FROM collections) GROUP BY collection
        RETURNING id, collection`,
      from,
      from + RANGE,
    );
    const ids = segments.map(({ id }) => Number(id));
    const collections = segments.map(({ collection }) => Number(collection));
    await db.run(PACK, from, from + RANGE, ids, collections);
  }
  await db.run('DROP TABLE postings');
}
