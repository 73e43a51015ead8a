/** Calls to another process that wait for their answers: a message and its answer have the same number. */
export class PendingCalls {
  readonly #pending = new Map<number, (answer: unknown) => void>();
  #last = 0;

  /**
   * @param send sends the message with this number
   * @returns the answer, which stays out when the other process ends
   */
  open(send: (number: number) => void): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#last += 1;
    this.#pending.set(this.#last, resolve);
    send(this.#last);
    return promise;
  }

  settle({ number, answer }: { readonly number: number; readonly answer: unknown }): void {
    this.#pending.get(number)?.(answer);
    this.#pending.delete(number);
  }
}
