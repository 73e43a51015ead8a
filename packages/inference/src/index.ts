export { chooseSeed } from './choose-seed.ts';
export { modelsConfig, modelVariables } from './config.ts';
export { explainModelError } from './explain-model-error.ts';
export { createLlamaEmbedder } from './llama-embedder.ts';
export { createLlamaGenerator } from './llama-generator.ts';
export { createLlamaReranker } from './llama-reranker.ts';
export type {
  AnsweredCall,
  ChatMessage,
  Embedder,
  EmbedderState,
  EmbeddingInfo,
  GenerateEvent,
  GenerateRequest,
  Generator,
  Judged,
  ModelCallOptions,
  ModelInfo,
  ModelPort,
  ModelRole,
  ModelState,
  ModelStatus,
  Models,
  Prompt,
  Reranker,
  ServerView,
  Tool,
} from './model.ts';
export { MODEL_BREAKERS, MODEL_SERVER_BREAKERS } from './model-breaker.ts';
export { ModelError, type ModelErrorCode } from './model-error.ts';
export { createModelMetrics } from './model-metrics.ts';
export { type OpenModels, openModels } from './open-models.ts';
export type { RoleProcess } from './process/role-process.ts';
export { createReplyStream } from './reply-stream.ts';
