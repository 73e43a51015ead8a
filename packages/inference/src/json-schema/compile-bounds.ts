import { type Bounds, boundsOf, wholeBounds } from './number-grammar.ts';
import { invalid, type Schema } from './schema.ts';

/** The bounds of numbers; those far outside, which schema generators write without meaning, need not be compared. */
export function compileBounds(type: 'integer' | 'number', keywords: Schema, path: string): Schema {
  for (const [key, value] of Object.entries(keywords)) {
    if (typeof value !== 'number') throw invalid(`${path}/${key}`, 'is not a number');
  }
  const { low, high } = (type === 'integer' ? withoutWidest : withinWidest)(boundsOf(keywords));
  refuseBounds(type, { low, high }, path);
  return {
    ...(low && { [low.isExclusive ? 'exclusiveMinimum' : 'minimum']: low.value }),
    ...(high && { [high.isExclusive ? 'exclusiveMaximum' : 'maximum']: high.value }),
  };
}

function refuseBounds(type: 'integer' | 'number', { low, high }: Bounds, path: string): void {
  const isEmpty = type === 'integer' ? wholeBounds({ low, high }) === undefined : isEmptyRange({ low, high });
  if (isEmpty) throw invalid(path, `has bounds that no ${type} is within`);
  for (const bound of type === 'number' ? [low, high] : []) {
    if (bound !== undefined && !COMPARABLE.test(String(bound.value)))
      throw invalid(path, `has the bound ${bound.value}, of which too many digits must be compared`);
  }
}

function withoutWidest({ low, high }: Bounds): Bounds {
  return {
    low: low !== undefined && low.value > Number.MIN_SAFE_INTEGER ? low : undefined,
    high: high !== undefined && high.value < Number.MAX_SAFE_INTEGER ? high : undefined,
  };
}

function withinWidest({ low, high }: Bounds): Bounds {
  return {
    low: low && { ...low, value: Math.max(low.value, -WIDEST) },
    high: high && { ...high, value: Math.min(high.value, WIDEST) },
  };
}

const WIDEST = 10 ** 11;
const COMPARABLE = /^-?\d{1,12}(\.\d{1,2})?$|^-?\d{1,6}(\.\d{1,8})?$/;

function isEmptyRange({ low, high }: Bounds): boolean {
  if (low === undefined || high === undefined) return false;
  return low.value > high.value || (low.value === high.value && (low.isExclusive || high.isExclusive));
}
