export { createAbsentEmbedder, createAbsentModels, createAbsentReranker } from './absent.ts';
export { CALLING_TEMPLATE, THINKING_TEMPLATE } from './chat-templates.ts';
export { judgeByTable } from './judge-by-table.ts';
export {
  makeTestDirectory,
  openTestModels,
  pidOf,
  type TestModels,
  type TestModelsOptions,
  untilState,
} from './open-test-models.ts';
export { writeDullBert, writeRandomBert } from './random-bert.ts';
export { LLAMA_05B, LLAMA_135M, LLAMA_TINY, writeRandomLlama } from './random-model.ts';
export { END, writeScriptedModel } from './scripted-model.ts';
export { makeTrainedEmbedder } from './trained-embedder/trained-embedder.ts';
