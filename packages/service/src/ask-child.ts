import { type ChildEnd, type ChildOptions, describeEnd, forkChild } from './child.ts';

/** The child ended without an answer. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
  readonly end: ChildEnd;

  constructor(end: ChildEnd) {
    super(describeEnd(end));
    this.end = end;
  }
}

/**
 * Forks a module, sends it one request and gives its first message. The child is gone by then.
 *
 * @throws {ChildFailed} when the child ends without an answer
 * @throws the reason of `options.signal` when that is aborted first
 */
export async function askChild<Request, Answer>(
  module: URL,
  request: Request,
  options: Omit<ChildOptions<Answer>, 'onMessage'>,
): Promise<Answer> {
  let answer: { readonly value: Answer } | undefined;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const child = forkChild<Request, Answer>(module, {
    ...options,
    onMessage: (value) => {
      answer ??= { value };
      resolve();
    },
  });
  child.send(request);
  await Promise.race([answered, child.ended]);
  const end = await child.kill('it was answered');
  if (answer !== undefined) return answer.value;
  options.signal?.throwIfAborted();
  throw new ChildFailed(end);
}
