import { redactText } from './redact.ts';

const MAX_CHARACTERS = 300;

/**
 * What may be kept of the facts of an act: no credentials, no queries of URLs (they hold tokens and what people search
 * for), and nothing longer than a name.
 */
export function redactFacts(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, redactValue(value)]));
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value === 'object' && value !== null) return redactFacts(value as Record<string, unknown>);
  if (typeof value !== 'string') return value;
  const text = redactText(value.replace(/^(https?:\/\/[^?#]*)[?#].*$/is, '$1'));
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
