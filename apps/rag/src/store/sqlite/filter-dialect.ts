import { type FilterDialect, places } from '../filter-sql.ts';

/** `value` is a column of JSON. */
export const FILTER_DIALECT: FilterDialect = {
  number: numberSql(),
  time: timeSql(),
  oneOf: (values) => ({ sql: `value IN (${places(values)})`, values }),
};

function numberSql(): string {
  const text = `trim(value, '"')`;
  return `CASE WHEN value GLOB '[0-9-]*' THEN CAST(value AS REAL)
    WHEN value GLOB '"[0-9-]*"' AND ${text} NOT GLOB '*[^0-9.-]*' AND json_valid(${text}) THEN CAST(${text} AS REAL) END`;
}

function timeSql(): string {
  const day = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]';
  return `CASE WHEN value GLOB '"${day}"' OR value GLOB '"${day}T*'
    THEN CAST(round(unixepoch(trim(value, '"'), 'subsec') * 1000) AS INTEGER) END`;
}
