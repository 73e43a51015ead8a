import type { Filter } from '@xnai/contracts';
import {
  BARE_NUMBER,
  type Comparison,
  type Condition,
  type FilterValue,
  readFilter,
} from '@xnai/contracts/read-filter';

export interface Sql {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** How an engine reads a stored value, which is JSON, as another type: NULL where it is none. */
export interface FilterDialect {
  /** Of a number, or a text that is one; the same texts as `BARE_NUMBER`. */
  readonly number: string;
  /** Milliseconds since 1970. A day counts as its beginning, and a time without a zone as UTC. */
  readonly time: string;
  /** Finds the stored values that are one of these. */
  readonly oneOf: (values: readonly string[]) => Sql;
}

/** As many placeholders as there are values. */
export function places(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

/**
 * Selects the ids of the documents of a collection that pass the filter; undefined where every one does. What a document
 * lacks, or has of another type, is neither equal nor less nor greater: only `not` finds it.
 */
export function filteredDocuments(
  dialect: FilterDialect,
  collection: number,
  filter: Filter = {},
): Sql | undefined {
  if (Object.keys(filter).length === 0) return undefined;
  const { condition } = readFilter(filter);
  const of = { dialect, collection };
  const fields = fieldsOf(condition)?.map((one) => withField(of, one));
  // The index of the metadata alone answers it, without a look at every document of the collection.
  if (fields !== undefined) return joined(fields, ' INTERSECT ');
  const { sql, values } = conditionSql(of, condition);
  return { sql: `SELECT id FROM documents WHERE collection = ? AND ${sql}`, values: [collection, ...values] };
}

type FieldCondition = Extract<Condition, { field: string }>;

/** The conditions on fields that must all hold; undefined where there is more to it. */
function fieldsOf(condition: Condition): readonly FieldCondition[] | undefined {
  if ('field' in condition) return [condition];
  if (condition.kind !== 'all') return undefined;
  const parts = condition.of.map(fieldsOf);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

interface Of {
  readonly dialect: FilterDialect;
  readonly collection: number;
}

function conditionSql(of: Of, condition: Condition): Sql {
  if ('field' in condition) {
    const { sql, values } = withField(of, condition);
    return { sql: `id IN (${sql})`, values };
  }
  if (condition.kind === 'not') {
    const { sql, values } = conditionSql(of, condition.of);
    return { sql: `NOT ${sql}`, values };
  }
  const { sql, values } = joined(
    condition.of.map((one) => conditionSql(of, one)),
    condition.kind === 'all' ? ' AND ' : ' OR ',
  );
  return { sql: `(${sql})`, values };
}

function joined(parts: readonly Sql[], by: string): Sql {
  return { sql: parts.map(({ sql }) => sql).join(by), values: parts.flatMap(({ values }) => values) };
}

/** Selects the documents whose field is as the condition says. */
function withField({ dialect, collection }: Of, condition: FieldCondition): Sql {
  const { sql, values } = valueSql(dialect, condition);
  return {
    sql: `SELECT document FROM metadata WHERE collection = ? AND key = ? AND ${sql}`,
    values: [collection, condition.field, ...values],
  };
}

function valueSql(dialect: FilterDialect, condition: FieldCondition): Sql {
  switch (condition.kind) {
    case 'exists':
      return { sql: 'TRUE', values: [] };
    case 'in':
      return dialect.oneOf([...new Set(condition.values.flatMap(spellingsOf))]);
    case 'compare':
      return comparisonSql(dialect, condition);
    default:
      return condition satisfies never;
  }
}

/** As metadata are stored. A number that is asked for as text, or the other way round, is the same value. */
function spellingsOf(value: FilterValue): readonly string[] {
  const text = String(value);
  const isBare = text === 'true' || text === 'false' || BARE_NUMBER.test(text);
  return isBare ? [JSON.stringify(text), text] : [JSON.stringify(text)];
}

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** A value of another type is NULL here, which no comparison finds. */
function comparisonSql(dialect: FilterDialect, { operator, as, value }: Comparison): Sql {
  return { sql: `${dialect[as]} ${SIGNS[operator]} ?`, values: [value] };
}
