import type { Located } from './located.ts';

/** Replaces `${NAME}`, `${NAME:-default}` and `$$` by what a machine without any variable set would see. */
export function interpolate(node: Located): Located {
  const { value } = node;
  if (typeof value === 'string') return { ...node, value: withDefaults(value) };
  if (value instanceof Map) {
    return { ...node, value: new Map([...value].map(([key, item]) => [key, interpolate(item)])) };
  }
  return Array.isArray(value) ? { ...node, value: value.map(interpolate) } : node;
}

export function withDefaults(text: string): string {
  return text.replace(
    /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (match, _name, operator, word) => {
      if (match === '$$') return '$';
      return operator === ':-' || operator === '-' ? word : '';
    },
  );
}

/** The names of the variables that a text refers to. */
export function variablesIn(text: string): readonly string[] {
  return [...text.replaceAll('$$', '').matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '');
}
