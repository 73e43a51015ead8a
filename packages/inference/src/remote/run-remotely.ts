import type { ModelCall, ModelReply } from '../child/messages.ts';
import { countRemotely } from './count-remotely.ts';
import { generateRemotely } from './generate-remotely.ts';
import { judgeRemotely } from './judge-remotely.ts';
import { embedRemotely, rerankRemotely } from './read-remotely.ts';
import type { AskedServer } from './remote-calls.ts';

/** One call on one server; the last reply is final. */
export async function* runRemotely(
  call: ModelCall,
  server: AskedServer,
  signal: AbortSignal,
): AsyncGenerator<ModelReply, void, void> {
  switch (call.kind) {
    case 'generate':
      return yield* generateRemotely(call.request, server, signal);
    case 'judge':
      return yield await judgeRemotely(call, server, signal);
    case 'count':
    case 'count-prompt':
      return yield await countRemotely(call, server, signal);
    case 'embed':
      return yield await embedRemotely(call, server, signal);
    case 'rerank':
      return yield await rerankRemotely(call, server, signal);
    default:
      return call satisfies never;
  }
}
