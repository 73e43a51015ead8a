export { isHit, lexicalPlace, placeOf } from './lexical-place.ts';
export { type CheckQuestion, questionsOf } from './question.ts';
