import type { Located } from './located.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** Replaces `${NAME}`, `${NAME:-default}` and `$$` by what a machine with these settings would see. */
export function interpolate(node: Located, settings: Settings = {}): Located {
  const { value } = node;
  if (typeof value === 'string') return { ...node, value: withDefaults(value, settings) };
  if (value instanceof Map) {
    return { ...node, value: new Map([...value].map(([key, item]) => [key, interpolate(item, settings)])) };
  }
  return Array.isArray(value) ? { ...node, value: value.map((item) => interpolate(item, settings)) } : node;
}

export function withDefaults(text: string, settings: Settings = {}): string {
  return text.replace(
    /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (match, braced, operator, word, bare) => {
      if (match === '$$') return '$';
      const value = settings[braced ?? bare];
      if (value || (value === '' && operator?.startsWith(':') !== true)) {
        return operator?.endsWith('+') === true ? word : value;
      }
      return operator === ':-' || operator === '-' ? word : '';
    },
  );
}

/** The names of the variables that a text refers to. */
export function variablesIn(text: string): readonly string[] {
  return [...text.replaceAll('$$', '').matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '');
}
