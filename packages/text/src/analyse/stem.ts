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
  'calf calves',
  'wife wives',
  'thief thieves',
  'loaf loaves',
  'ox oxen',
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
  'get got gotten',
  'make made',
  'say said',
  'hear heard',
  'mean meant',
  'stand stood',
  'sit sat',
  'seek sought',
  'fight fought',
  'stick stuck',
  'shrink shrank shrunk',
  'tear tore torn',
  'wake woke woken',
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

/** Endings of cases, adjectives and verbs; the longest is taken, and two letters stay. */
const CYRILLIC_ENDING = new RegExp(
  `(?<=\\p{L}{2})(?:${[
    '(?:ыва|ива|ова)?(?:ться|тся|ется|ются|ится|ятся|ает|яет|ают|яют|ать|ять|ить|еть|ет|ют|ут|ит|ат|ят|ть)',
    'иями|ями|ами|иях|ого|его|ому|ему|ыми|ими|ием|иям|ях|ах|ам|ям|ем|ом|ев|ов|ью|ия|ие|ии|ию|ей|ой|ий|ый',
    'ая|яя|ое|ее|ые|ых|их|ую|юю|ым|им|а|я|о|е|у|ю|ы|и|ь|й',
  ].join('|')})$`,
  'u',
);

/**
 * Leads the forms of a word back to one, by its letters alone, so that index and question agree even where a language
 * was not recognised: Porter's stem in plain Latin letters, which helps in German, Spanish, French and Portuguese too,
 * and a light one in Cyrillic.
 */
export function stem(folded: string): string {
  if (/^[a-z]{3,40}$/.test(folded)) return stemmer(BASE.get(folded) ?? folded);
  return /^\p{sc=Cyrillic}{3,40}$/u.test(folded) ? folded.replace(CYRILLIC_ENDING, '') : folded;
}
