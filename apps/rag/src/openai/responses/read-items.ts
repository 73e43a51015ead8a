import type { ResponseInputItem, ResponsesRequest } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';
import type { KeptAnswers } from './kept-answers.ts';

/**
 * The whole conversation of a request: that of the answer before, and the input with what it refers to.
 *
 * @throws {ServiceError} VALIDATION when something that is referred to is not kept
 */
export function readItems(
  { input, previous_response_id: previous }: ResponsesRequest,
  find: (id: string) => ReturnType<KeptAnswers['find']>,
): readonly ResponseInputItem[] {
  const before = previous == null ? [] : (find(previous) ?? fail('previous_response_id', previous));
  const items = typeof input === 'string' ? [{ role: 'user' as const, content: input }] : input;
  return [
    ...before,
    ...items.flatMap((item, index) =>
      item.type === 'item_reference' ? (find(item.id) ?? fail(`input.${index}.id`, item.id)) : [item],
    ),
  ];
}

function fail(path: string, id: string): never {
  const message =
    `${id} is not kept here (any more): answers are kept in memory for a while, unless store is false. ` +
    'Send the whole conversation as input';
  throw new ServiceError('VALIDATION', { detail: `${path}: ${message}`, errors: [{ path, message }] });
}
