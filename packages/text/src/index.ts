export { type Chunk, chunkId } from './chunk/chunk.ts';
export { decodeText, isGarbled } from './decode-text.ts';
export { codeText } from './inline/code-text.ts';
export { plainText } from './inline/plain-text.ts';
export { ReadError } from './read-error.ts';
export { cellsOf } from './stored-form.ts';
