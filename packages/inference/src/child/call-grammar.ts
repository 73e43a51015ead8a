import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import { anyOf, createGrammarRules, literal } from '../json-schema/grammar-rules.ts';
import { addSchema } from '../json-schema/schema-grammar.ts';
import type { CallFormat } from './call-format.ts';

/** The grammar of calls in the model's form, from the first character of them or from after the mark. */
export function callGrammar(
  { callable, calls }: CheckedRequest,
  format: CallFormat,
  from: 'opening' | 'after-mark',
): string {
  const rules = createGrammarRules();
  const call = rules.add(
    anyOf(
      callable.map(({ name, parameters }) => {
        const written = rules.add(addSchema(rules, parameters, name));
        return `${literal(name + format.beforeArguments(name))} ${written} ${literal(format.afterArguments(name))}`;
      }),
    ),
  );
  const opening = from === 'opening' ? format.opening : format.opening.slice(format.mark.length);
  const { beforeNext } = format;
  const more = calls?.isParallel && beforeNext !== undefined ? ` (${literal(beforeNext)} ${call})*` : '';
  return rules.write(`${literal(opening)} ${call}${more} ${literal(format.closing)}`);
}
