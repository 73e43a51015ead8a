/** Korean particles, and the endings that make verbs of nouns. */
const PARTICLE =
  /(?<=^\p{sc=Hangul}+)(?:을|를|은|는|이|가|의|에|에서|에게|께서|한테|으로|로|와|과|도|만|까지|부터|마다|처럼|보다|이나|하고|이란|이죠|인지|입니다|입니까|인가요|이에요|예요|합니다|합니까|됩니다|했습니다|되었습니다|하나요|되나요|하는|되는|하다|되다|한다|된다|해야|하면|하려면|할|될)$/u;
/** Of one syllable too much would be a particle. */
const LEAST_SYLLABLES = 2;

/** A Korean word without what is written onto it: 비밀번호를 and 비밀번호는 are 비밀번호. */
export function withoutParticle(word: string): string {
  if (!/^\p{sc=Hangul}{3,}$/u.test(word)) return word;
  const bare = word.replace(PARTICLE, '');
  return bare.length < LEAST_SYLLABLES ? word : bare;
}
