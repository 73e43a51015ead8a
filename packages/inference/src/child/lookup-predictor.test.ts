import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { continuationOf, LookupPredictor } from './lookup-predictor.ts';

const words = (text: string) => text.split(' ');

describe('what a quoted text goes on with', () => {
  it('is what came after its last three tokens before', () => {
    expect(continuationOf(words('the limit of an upload is 20 MB . the limit of'))).toBe('an');
  });

  it('is taken from the latest of several places', () => {
    expect(continuationOf(words('a b c 1 a b c 2 a b c'))).toBe('2');
  });

  it('is unknown where fewer tokens are the same', () => {
    expect(continuationOf(words('x limit of an upload . the limit of'))).toBeUndefined();
    expect(continuationOf([])).toBeUndefined();
  });
});

describe('prediction by lookup', () => {
  const tokens = [1, 2, 3, 4, 5, 1, 2, 3] as Token[];
  const predict = (evaluateOptions: object, isWanted = true) => {
    const predictor = new LookupPredictor(() => isWanted);
    predictor.reset({ stateTokens: tokens, evaluateOptions, targetSequence: undefined as never });
    return predictor.predictTokens();
  };

  it('is for answers without chance and penalties, while it is wanted', () => {
    expect(predict({ temperature: 0 })).toEqual([4]);
    expect(predict({ temperature: 0.8 })).toEqual([]);
    expect(predict({ temperature: 0, repeatPenalty: { penalty: 1 } })).toEqual([]);
    expect(predict({ temperature: 0 }, false)).toEqual([]);
  });

  it('ends in an answer where it is mostly wrong, and not where it is right', () => {
    const answer = (goesOnWith: (predicted: Token, round: number) => Token) => {
      const predictor = new LookupPredictor(() => true);
      const evaluateOptions = { temperature: 0 };
      predictor.reset({ stateTokens: tokens, evaluateOptions, targetSequence: undefined as never });
      let predictions = 0;
      for (let round = 0; round < 10; round++) {
        const [predicted] = predictor.predictTokens();
        if (predicted === undefined) break;
        predictions += 1;
        predictor.pushTokens([goesOnWith(predicted, round)]);
        predictor.pushTokens(tokens.slice(0, 3));
      }
      return predictions;
    };
    expect(answer((_, round) => (100 + round) as Token)).toBe(4);
    expect(answer((predicted) => predicted)).toBe(10);
  });
});
