import { type FilterDialect, places } from '../filter-sql.ts';

/** `value` is a column of JSON; its beginning is in the index. No `?` but placeholders: `numbered` reads on. */
export const FILTER_DIALECT: FilterDialect = {
  number: numberSql(),
  time: timeSql(),
  oneOf: (values) => ({
    sql: `left(value, 200) IN (${values.map(() => 'left(?, 200)').join(', ')}) AND value IN (${places(values)})`,
    values: [...values, ...values],
  }),
};

function numberSql(): string {
  return `CASE WHEN value ~ '^-{0,1}[0-9]' THEN value::float8
    WHEN value ~ '^"-{0,1}(0|[1-9][0-9]*)([.][0-9]+){0,1}"$' THEN trim(value, '"')::float8 END`;
}

/** What looks like a time and is none is NULL. The zone of the connection is UTC. */
function timeSql(): string {
  const text = `trim(value, '"')`;
  return `CASE WHEN value ~ '^"[0-9]{4}-[0-9]{2}-[0-9]{2}("|T)' AND pg_input_is_valid(${text}, 'timestamptz')
    THEN round(extract(epoch FROM ${text}::timestamptz) * 1000) END`;
}
