import type { LoadedInfo, ModelCall, ModelReply } from '../child/messages.ts';
import type { ServerClient } from './server-client.ts';

/** What is known of a server when it is asked. */
export interface AskedServer {
  readonly client: ServerClient;
  readonly info: LoadedInfo;
  readonly can: ServerSkills;
}

/** What a server showed to do when it was probed; each is left out of requests that it would refuse. */
export interface ServerSkills {
  /** Holds an answer to a JSON schema. */
  readonly holdsSchema: boolean;
  /** Takes the switch by which a model does not think first. */
  readonly switchesThought: boolean;
  /** Counts tokens by a route of its own. */
  readonly counts: boolean;
  /** Scores of its reranker are not from 0 to 1. */
  readonly scoresAreLogits: boolean;
}

export type CallOf<Kind extends ModelCall['kind']> = Extract<ModelCall, { kind: Kind }>;
export type ReplyOf<Kind extends ModelReply['kind']> = Extract<ModelReply, { kind: Kind }>;
