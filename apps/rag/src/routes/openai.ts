import { OpenAiError } from '@xnai/contracts';
import type { App } from '@xnai/service';
import type { OpenAiDeps } from '../openai/openai-deps.ts';
import { answerOpenAiError } from '../openai/openai-error.ts';
import { chatRoutes } from './chat.ts';
import { completionRoutes } from './completions.ts';
import { embeddingRoutes } from './embeddings.ts';
import { modelRoutes } from './models.ts';
import { rerankRoutes } from './rerank.ts';
import { responsesRoutes } from './responses.ts';

/** The routes that other people's clients speak to, with errors in their form. */
export async function openAiRoutes(app: App, deps: OpenAiDeps): Promise<void> {
  await app.register(async (scope: App) => {
    scope.setErrorHandler(answerOpenAiError);
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, errorForm: OpenAiError };
    });
    chatRoutes(scope, deps);
    responsesRoutes(scope, deps);
    completionRoutes(scope, deps);
    embeddingRoutes(scope, deps);
    rerankRoutes(scope, deps);
    modelRoutes(scope, deps);
  });
}
