import { CODES, defineErrors } from '@xnai/contracts/errors';

const { MODEL_NOT_READY, EMBEDDER_NOT_READY, RERANKER_NOT_READY, MODEL_CRASHED, MODEL_SERVER_FAILED } = CODES;
const { INPUT_EMPTY, PROMPT_TOO_LONG, INVALID_GRAMMAR } = CODES;

/** Every error that a model port throws of itself. */
export class ModelError extends defineErrors('ModelError', {
  MODEL_NOT_READY,
  EMBEDDER_NOT_READY,
  RERANKER_NOT_READY,
  MODEL_CRASHED,
  MODEL_SERVER_FAILED,
  INPUT_EMPTY,
  PROMPT_TOO_LONG,
  INVALID_GRAMMAR,
  OVERLOADED: { ...CODES.OVERLOADED, title: 'The model has no room for another request' },
  BREAKER_OPEN: { ...CODES.BREAKER_OPEN, title: 'The model is failing and its breaker is open' },
  DEADLINE_EXCEEDED: {
    ...CODES.DEADLINE_EXCEEDED,
    title: 'The deadline passes before the model could answer',
  },
  /** The fault of one file, until another takes its place: a client is told that no model is ready. */
  MODEL_UNUSABLE: { ...MODEL_NOT_READY, title: 'The model file cannot be used' },
}) {}

export type ModelErrorCode = keyof typeof ModelError.table;
