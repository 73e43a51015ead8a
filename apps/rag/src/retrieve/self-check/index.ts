export { byDocument, CANDIDATES, foundAt, type HiddenLegs, legWith, spreadOf } from './found-at.ts';
export { lexicalScore } from './hidden-score.ts';
export { type CheckQuestion, questionsOf } from './question.ts';
