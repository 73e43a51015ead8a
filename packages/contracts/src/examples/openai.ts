import { CITATION } from './rag.ts';

const created = 1_800_005_400;
const model = 'qwen2.5-1.5b-instruct-q4_0';
const usage = {
  prompt_tokens: 24,
  completion_tokens: 9,
  total_tokens: 33,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};
const read = { prompt_tokens: 6, total_tokens: 6 };
const entry = { object: 'model', type: 'chat', created, owned_by: 'xnai' };

const url_citation = { url: CITATION.url, title: CITATION.title, start_index: 36, end_index: 39 };

/** What rag takes and answers as OpenAI's and Jina's clients do. */
export const OPENAI_EXAMPLES = {
  ChatCompletionRequest: {
    model: 'rag:harbour',
    messages: [{ role: 'user', content: 'When is high tide?' }],
  },
  ChatCompletion: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created,
    model: 'rag:harbour',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'High tide is at six in the evening. [1]',
          annotations: [{ type: 'url_citation', url_citation }],
        },
        finish_reason: 'stop',
      },
    ],
    usage,
    citations: [CITATION],
  },
  ResponsesRequest: { model: 'rag:harbour', input: 'When is high tide?' },
  ModelResponse: {
    id: 'resp_1',
    object: 'response',
    created_at: created,
    status: 'completed',
    model: 'rag:harbour',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text: 'High tide is at six in the evening. [1]',
            annotations: [{ type: 'url_citation', ...url_citation }],
          },
        ],
      },
    ],
    previous_response_id: null,
    store: true,
    usage: {
      input_tokens: 24,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 33,
    },
    citations: [CITATION],
  },
  DeletedResponse: { id: 'resp_1', object: 'response', deleted: true },
  CompletionRequest: { model, prompt: 'The tide is', max_tokens: 9 },
  Completion: {
    id: 'cmpl-1',
    object: 'text_completion',
    created,
    model,
    choices: [{ index: 0, text: ' high at six in the evening.', finish_reason: 'stop' }],
    usage,
  },
  EmbeddingRequest: { model: 'bge-small-en-v1.5-q4_0', input: ['high tide'] },
  EmbeddingList: {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.021, -0.043, 0.118] }],
    model: 'bge-small-en-v1.5-q4_0',
    usage: read,
  },
  RerankRequest: { query: 'high tide', documents: ['The quay is closed.', 'High tide is at six.'], top_n: 1 },
  RerankList: { results: [{ index: 1, relevance_score: 0.93 }], usage: read },
  RankedTexts: [{ index: 1, score: 0.93 }],
  OpenAiError: {
    error: {
      message: 'There is no model "gpt-4o"',
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    },
  },
  OpenAiModel: { id: 'rag:harbour', ...entry },
  OpenAiModelList: {
    object: 'list',
    data: [
      { id: model, ...entry },
      { id: 'rag:harbour', ...entry },
    ],
  },
};
