import { inSpan, type OpenSpan, openSpan, SpanKind, type SpanOptions } from '@xnai/service/trace';
import type { GenerateEvent, GenerateRequest, ModelPort } from './model.ts';

/** What a model is asked for: `chat`, `text_completion` and `embeddings` are names of OpenTelemetry, the others are ours. */
type Operation = 'chat' | 'text_completion' | 'embeddings' | 'rerank' | 'judge';

type Port = Pick<ModelPort, 'info'>;

/** One call as a span with the attributes for generative AI; the texts are left out. */
export function traceCall<T>(
  operation: Operation,
  port: Port,
  { call, tokensOf }: { readonly call: () => Promise<T>; readonly tokensOf: (result: T) => number },
): Promise<T> {
  const { name, ...options } = describe(operation, port);
  return inSpan(name, options, async (span) => {
    const result = await call();
    span.setAttribute('gen_ai.usage.input_tokens', tokensOf(result));
    return result;
  });
}

/** The same events; the call is a span from when they are first asked for to their end. */
export async function* traceGenerate(
  port: Port,
  request: GenerateRequest,
  events: AsyncGenerator<GenerateEvent, void, void>,
): AsyncGenerator<GenerateEvent, void, void> {
  const { name, ...options } = describe(request.prompt.kind === 'chat' ? 'chat' : 'text_completion', port);
  const open = openSpan(name, options);
  if (open === undefined) return yield* events;
  const startMs = Date.now();
  open.span.setAttributes(attributesOf(request));
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await open.within(() => events.next());
      if (done) break;
      if (value.type === 'done') {
        isDone = true;
        addUsage(open, value, startMs);
      }
      yield value;
    }
  } catch (error) {
    open.fail(error);
    isDone = true;
    throw error;
  } finally {
    if (!isDone) open.fail({ code: 'cancelled' });
    await events.return();
    open.span.end();
  }
}

function describe(operation: Operation, port: Port): { readonly name: string } & SpanOptions {
  const model = port.info()?.id ?? 'none';
  return {
    name: `${operation} ${model}`,
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'llama.cpp',
      'gen_ai.request.model': model,
    },
  };
}

function attributesOf({ maxTokens, temperature, topP, topK, seed, jsonSchema }: GenerateRequest) {
  return {
    'gen_ai.request.stream': true,
    'gen_ai.output.type': jsonSchema === undefined ? 'text' : 'json',
    'gen_ai.request.max_tokens': maxTokens,
    'gen_ai.request.temperature': temperature,
    'gen_ai.request.top_p': topP,
    'gen_ai.request.top_k': topK,
    'gen_ai.request.seed': seed,
  };
}

type Done = Extract<GenerateEvent, { type: 'done' }>;

/** The wait for a place is a span of the queue. */
function addUsage(open: OpenSpan, { finish, usage, timings }: Done, startMs: number): void {
  open.span.setAttributes({
    'gen_ai.response.finish_reasons': [finish],
    'gen_ai.usage.input_tokens': usage.promptTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
    'gen_ai.usage.output_tokens': usage.completionTokens,
    'gen_ai.response.time_to_first_chunk': timings.firstTokenMs / 1000,
  });
  const firstMs = startMs + timings.firstTokenMs;
  open.addPhase('model prompt', startMs + timings.queueMs, firstMs);
  open.addPhase('model write', firstMs, firstMs + timings.predictedMs);
}
