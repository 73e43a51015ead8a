import { z } from 'zod';
import { FILTER_LIMITS, type FilterValue, readFilter } from './read-filter.ts';

/** Conditions on one field, all of which must hold. */
export interface FieldOperators {
  /** A number, or a date of ISO 8601: a day or an instant. */
  readonly gt?: number | string;
  readonly gte?: number | string;
  readonly lt?: number | string;
  readonly lte?: number | string;
  readonly in?: readonly FilterValue[];
  readonly not?: FilterValue | readonly FilterValue[] | FieldOperators;
  readonly exists?: boolean;
}

/**
 * What the metadata of a document must be, by field; every entry must hold. `any` and `all` combine a list of filters, and
 * `not` turns one round; with a plain value or a list of values, these three are names of fields like any other.
 */
export interface Filter {
  readonly [field: string]:
    | FilterValue
    | readonly FilterValue[]
    | FieldOperators
    | Filter
    | readonly Filter[];
}

const VALUE = { type: ['string', 'number', 'boolean'] };
const VALUES = { type: 'array', items: VALUE, minItems: 1, maxItems: FILTER_LIMITS.values };
const BOUND = { type: ['number', 'string'] };
const FILTERS = { type: 'array', items: { type: 'object' }, minItems: 1 };
const OPERATORS = {
  type: 'object',
  properties: {
    gt: { ...BOUND, description: 'Greater; of a day: after it' },
    gte: { ...BOUND, description: 'Greater or equal' },
    lt: { ...BOUND, description: 'Less' },
    lte: { ...BOUND, description: 'Less or equal; of a day: until its end' },
    in: { ...VALUES, description: 'One of these values' },
    not: {
      anyOf: [VALUE, VALUES, { type: 'object' }],
      description:
        'Not this value, none of these, or operators that do not hold; also where the field is missing',
    },
    exists: { type: 'boolean', description: 'Whether the field is there' },
  },
  additionalProperties: false,
  minProperties: 1,
};
const CONDITION = { anyOf: [VALUE, VALUES, OPERATORS] };

/** Checked by `readFilter`, whose words say where a filter is wrong; a union of schemas could not. */
export const Filter = z
  .record(z.string().min(1).max(100), z.unknown())
  .superRefine((filter, context) => {
    for (const { path, message } of readFilter(filter).problems) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .meta({
    id: 'Filter',
    description: `Conditions on the metadata of documents; all must hold. A field has the given value, or one of a list: {"lang": "en", "year": [2023, 2024]}. Operators: {"year": {"gte": 2020, "lt": 2024}}, also in, not and exists. gt, gte, lt and lte compare numbers, or dates of ISO 8601 as time: {"published": {"gte": "2024-05-31"}}. Combined by any, all and not: {"any": [{"lang": "en"}, {"year": {"gt": 2020}}], "not": {"draft": true}}. At most ${FILTER_LIMITS.conditions} conditions in ${FILTER_LIMITS.levels} levels`,
    properties: {
      any: { anyOf: [FILTERS, VALUE, VALUES], description: 'Filters one of which must hold' },
      all: { anyOf: [FILTERS, VALUE, VALUES], description: 'Filters that must all hold' },
      not: { anyOf: [{ type: 'object' }, VALUE, VALUES], description: 'A filter that must not hold' },
    },
    maxProperties: FILTER_LIMITS.keys,
    additionalProperties: { anyOf: [...CONDITION.anyOf, { type: 'object' }] },
  }) as unknown as z.ZodType<Filter, Filter>;
