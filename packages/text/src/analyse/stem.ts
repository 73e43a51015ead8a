import { stemmer } from 'stemmer';

/** English forms that no rule leads back to their word, which comes first; none that are another word too, as "left". */
const IRREGULAR: readonly string[] = [
  'child children',
  'man men',
  'woman women',
  'person people',
  'mouse mice',
  'foot feet',
  'tooth teeth',
  'goose geese',
  'knife knives',
  'shelf shelves',
  'half halves',
  'wolf wolves',
  'index indices',
  'vertex vertices',
  'matrix matrices',
  'appendix appendices',
  'analysis analyses',
  'axis axes',
  'criterion criteria',
  'buy bought',
  'bring brought',
  'think thought',
  'catch caught',
  'teach taught',
  'sell sold',
  'tell told',
  'send sent',
  'build built',
  'keep kept',
  'lose lost',
  'hold held',
  'find found',
  'pay paid',
  'speak spoke spoken',
  'write wrote written',
  'break broke broken',
  'choose chose chosen',
  'freeze froze frozen',
  'steal stole stolen',
  'drive drove driven',
  'give gave given',
  'take took taken',
  'go went gone',
  'see seen',
  'eat ate eaten',
  'fall fell fallen',
  'grow grew grown',
  'know knew known',
  'throw threw thrown',
  'begin began begun',
  'run ran',
  'sing sang sung',
  'swim swam swum',
  'drink drank drunk',
  'rise risen',
  'come came',
  'become became',
  'win won',
  'fly flew flown',
  'draw drew drawn',
  'wear wore worn',
  'hide hid hidden',
  'forget forgot forgotten',
  'feed fed',
  'lead led',
  'meet met',
  'shoot shot',
  'sleep slept',
  'spend spent',
];
const BASE: ReadonlyMap<string, string> = new Map(
  IRREGULAR.flatMap((line) => {
    const [base = '', ...forms] = line.split(' ');
    return forms.map((form): [string, string] => [form, base]);
  }),
);

/**
 * Leads the forms of a word back to one: Porter's stem for words in plain Latin letters, whatever the language, so
 * that index and question agree even where a language was not recognised.
 */
export function stem(folded: string): string {
  return /^[a-z]{3,40}$/.test(folded) ? stemmer(BASE.get(folded) ?? folded) : folded;
}
