export { isHit, lexicalPlace, placeOf, spreadWith } from './place.ts';
export { type CheckQuestion, questionsOf } from './question.ts';
