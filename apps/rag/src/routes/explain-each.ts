import type { Problem } from '@xnai/contracts';
import { type App, logOwnFault, toProblem } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Explain = (error: unknown) => Problem;

/**
 * Problems of a request whose parts fail each alone. A fault of the service is logged once for each code: a full index
 * refuses all the parts that follow.
 */
export function createExplain(app: App, request: FastifyRequest, reply: FastifyReply): Explain {
  const logged = new Set<string>();
  return (thrown) => {
    const error = app.explain(thrown);
    if (!logged.has(error.code)) logOwnFault(error, request, reply);
    logged.add(error.code);
    return toProblem(error, request.id);
  };
}
