import type { Generator, Prompt } from '../model.ts';

/** The generator with another judge: it says yes with the probability that `probabilityOf` gives for the whole prompt. */
export function judgeByTable(
  generator: Generator,
  probabilityOf: (prompt: string) => number,
): Generator & { readonly judged: readonly string[] } {
  const judged: string[] = [];
  return {
    ...generator,
    judged,
    async judge(prompts, { signal } = {}) {
      signal?.throwIfAborted();
      const texts = prompts.map(textOf);
      judged.push(...texts);
      const promptTokens = texts.reduce((sum, { length }) => sum + length, 0);
      return { probabilities: texts.map(probabilityOf), promptTokens, cachedTokens: 0 };
    },
  };
}

function textOf(prompt: Prompt): string {
  if (prompt.kind === 'text') return prompt.text;
  return prompt.messages.map(({ content }) => content).join('\n');
}
