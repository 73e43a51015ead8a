export { analyse, joinTerms } from './analyse.ts';
export { isFunctionWord } from './function-words.ts';
export { detectLanguage, isForeign, questionLanguage } from './language.ts';
export type { Language } from './languages.ts';
export { isMisspelling } from './misspelling.ts';
export { isCompoundOf, nearTerms, type VocabularyTerm } from './near-terms.ts';
export { isTelling, queryTerms } from './query-terms.ts';
export type { Term } from './term.ts';
