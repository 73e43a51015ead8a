export { explainFailure } from '../explain-failure.ts';
export { answerNotes } from './answer-text.ts';
export { collectionsText } from './collections-text.ts';
export { crawlText } from './crawl-text.ts';
export { resultsText } from './results-text.ts';
