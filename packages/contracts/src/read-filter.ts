export type FilterValue = string | number | boolean;

/** What a filter says, without its spellings. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'exists'; readonly field: string }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly FilterValue[] }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  readonly field: string;
  readonly operator: Operator;
  /** `time`: milliseconds since 1970, UTC. */
  readonly as: 'number' | 'time';
  readonly value: number;
}

export interface FilterProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** `levels` counts `any`, `all` and `not` within one another. */
export const FILTER_LIMITS = { keys: 20, values: 100, conditions: 50, levels: 5 } as const;

/** The condition of a filter, and what is wrong with it. The condition counts only where nothing is wrong. */
export function readFilter(filter: unknown): {
  readonly condition: Condition;
  readonly problems: readonly FilterProblem[];
} {
  const reader = new FilterReader();
  const condition = reader.filter(filter, { path: [], level: 0 });
  return { condition, problems: reader.problems };
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly level: number;
}

type Entries = Readonly<Record<string, unknown>>;
type Operator = 'gt' | 'gte' | 'lt' | 'lte';

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'in', 'not', 'exists'];
const ONE_VALUE = 'expected a text, a number, or true or false';
/** As many are named as a person reads. */
const MOST_PROBLEMS = 20;
const NEVER: Condition = { kind: 'any', of: [] };

class FilterReader {
  readonly problems: FilterProblem[] = [];
  #conditions = 0;

  filter(filter: unknown, place: Place): Condition {
    if (!isEntries(filter)) return this.#wrong(place, 'expected an object of conditions');
    const keys = Object.keys(filter);
    if (keys.length > FILTER_LIMITS.keys)
      return this.#wrong(place, `expected at most ${FILTER_LIMITS.keys} keys`);
    if (keys.length === 0 && place.level > 0) return this.#wrong(place, 'expected at least one condition');
    return { kind: 'all', of: keys.map((key) => this.#entry(key, filter[key], at(place, key))) };
  }

  /** `any`, `all` and `not` are names of fields where plain values follow. */
  #entry(key: string, value: unknown, place: Place): Condition {
    if ((key === 'any' || key === 'all') && Array.isArray(value) && value.some(isEntries)) {
      const of = this.#deeper(place, (inner) => value.map((one, n) => this.filter(one, at(inner, n))));
      return of === undefined ? NEVER : { kind: key, of };
    }
    if (key === 'not' && isEntries(value)) return this.#not(place, (inner) => this.filter(value, inner));
    return this.#field(key, value, place);
  }

  #field(field: string, value: unknown, place: Place): Condition {
    if (isEntries(value)) return this.#operators(field, value, place);
    return this.#in(field, Array.isArray(value) ? value : [value], place);
  }

  #operators(field: string, operators: Entries, place: Place): Condition {
    const names = Object.keys(operators);
    if (names.length === 0) return this.#wrong(place, `expected at least one of ${OPERATORS.join(', ')}`);
    return {
      kind: 'all',
      of: names.map((name) => this.#operator(field, [name, operators[name]], at(place, name))),
    };
  }

  #operator(field: string, [name, value]: readonly [string, unknown], place: Place): Condition {
    switch (name) {
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return this.#compare({ field, operator: name }, value, place);
      case 'in':
        return Array.isArray(value)
          ? this.#in(field, value, place)
          : this.#wrong(place, 'expected a list of values');
      case 'not':
        return this.#not(place, (inner) => this.#field(field, value, inner));
      case 'exists':
        return this.#exists(field, value, place);
      default:
        return this.#wrong(place, unknownOperator(name));
    }
  }

  #in(field: string, values: readonly unknown[], place: Place): Condition {
    this.#count(place);
    if (values.length === 0) return this.#wrong(place, 'expected a list that is not empty');
    if (values.length > FILTER_LIMITS.values) {
      return this.#wrong(place, `expected at most ${FILTER_LIMITS.values} entries`);
    }
    if (values.some(isEntries))
      return this.#wrong(place, 'expected values; a list of filters stands under any or all');
    if (!values.every(isValue)) return this.#wrong(place, ONE_VALUE);
    return { kind: 'in', field, values };
  }

  #compare(to: Pick<Comparison, 'field' | 'operator'>, value: unknown, place: Place): Condition {
    this.#count(place);
    const bound = readBound(to.operator, value);
    if (bound !== undefined) return { kind: 'compare', ...to, ...bound };
    return this.#wrong(place, 'expected a number, or a date such as 2024-05-31 or 2024-05-31T12:00:00Z');
  }

  #exists(field: string, value: unknown, place: Place): Condition {
    this.#count(place);
    if (typeof value !== 'boolean') return this.#wrong(place, 'expected true or false');
    return value ? { kind: 'exists', field } : { kind: 'not', of: { kind: 'exists', field } };
  }

  #not(place: Place, read: (inner: Place) => Condition): Condition {
    const of = this.#deeper(place, read);
    return of === undefined ? NEVER : { kind: 'not', of };
  }

  #deeper<Result>({ path, level }: Place, read: (inner: Place) => Result): Result | undefined {
    if (level < FILTER_LIMITS.levels) return read({ path, level: level + 1 });
    this.#wrong({ path, level }, `expected at most ${FILTER_LIMITS.levels} levels of any, all and not`);
    return undefined;
  }

  #count({ level }: Place): void {
    this.#conditions += 1;
    const message = `expected at most ${FILTER_LIMITS.conditions} conditions`;
    if (this.#conditions === FILTER_LIMITS.conditions + 1) this.#wrong({ path: [], level }, message);
  }

  #wrong({ path }: Place, message: string): Condition {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ path, message });
    return NEVER;
  }
}

function at({ path, level }: Place, step: string | number): Place {
  return { path: [...path, step], level };
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is FilterValue {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** Peers write their operators with a dollar sign. */
function unknownOperator(name: string): string {
  const bare = name.replace(/^\$/, '');
  const hint = OPERATORS.includes(bare) ? `did you mean ${bare}?` : `there are ${OPERATORS.join(', ')}`;
  return `unknown operator; ${hint}`;
}

type Bound = Pick<Comparison, 'operator' | 'as' | 'value'>;

function readBound(operator: Operator, value: unknown): Bound | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return { operator, as: 'number', value };
  if (typeof value !== 'string') return undefined;
  if (BARE_NUMBER.test(value)) return { operator, as: 'number', value: Number(value) };
  const [, day = '', time] = DATE.exec(value) ?? [];
  const startMs = Date.parse(day);
  // The 30th of February would be taken for a day of March.
  if (Number.isNaN(startMs) || !new Date(startMs).toISOString().startsWith(day)) return undefined;
  if (time === undefined) return dayBound(operator, startMs);
  const atMs = Date.parse(/Z$|[+-]\d\d:\d\d$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(atMs) ? undefined : { operator, as: 'time', value: atMs };
}

/** As a form sends a number. */
export const BARE_NUMBER: RegExp = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** A time without a zone is of UTC. */
const DATE = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

const DAY_MS = 86_400_000;

/** A day is all of its 24 hours: `lte` takes them in, `gt` begins behind them. */
function dayBound(operator: Operator, startMs: number): Bound {
  if (operator === 'lte') return { operator: 'lt', as: 'time', value: startMs + DAY_MS };
  if (operator === 'gt') return { operator: 'gte', as: 'time', value: startMs + DAY_MS };
  return { operator, as: 'time', value: startMs };
}
