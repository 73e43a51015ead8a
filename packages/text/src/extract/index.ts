export { type ExtractInput, extractBody } from './extract-body.ts';
export { type ExtractedPage, extractPage } from './extract-page.ts';
