import { createHash } from 'node:crypto';
import { findPrefixes } from '../child/embed-prefixes.ts';
import type { LoadedInfo, ModelCall, ModelReply } from '../child/messages.ts';
import { probeModel } from '../child/probe-model.ts';
import type { EmbeddingInfo, EmbedPrefixes, ModelRole } from '../model.ts';
import type { FoundModel } from './find-model.ts';
import { NO_SKILLS, probeSkills } from './probe-skills.ts';
import type { AskedServer, ServerSkills } from './remote-calls.ts';
import { runRemotely } from './run-remotely.ts';
import type { ServerClient } from './server-client.ts';
import { ServerFault } from './server-fault.ts';

export interface ProbeOptions {
  readonly role: ModelRole;
  readonly base: string;
  readonly client: ServerClient;
  /** What is assumed to fit where the server does not tell. */
  readonly contextTokens: number;
  readonly embedPrefixes: Partial<EmbedPrefixes>;
  readonly signal: AbortSignal;
}

export interface ProbedServer {
  readonly info: LoadedInfo;
  readonly can: ServerSkills;
  /** Of an embedder: by which another model under the same name is known. */
  readonly sample?: Float32Array | undefined;
}

/**
 * Uses the model as it will be used, and tells what it is: an embedder and a reranker must tell right passages from others,
 * as those of our own processes must.
 *
 * @throws {ServerFault} or {ModelError} MODEL_UNUSABLE when it cannot be used
 */
export async function probeServer(model: FoundModel, options: ProbeOptions): Promise<ProbedServer> {
  const { client, role, signal } = options;
  const info = describe(model, options);
  switch (role) {
    case 'generate':
      return { info, can: await probeSkills(client, info, signal) };
    case 'embed':
      return probeEmbedder(info, options);
    case 'rerank':
      return probeReranker(info, options);
    default:
      return role satisfies never;
  }
}

/** Of calls that a server does side by side, as vLLM's batches hold. */
const PARALLEL = 32;

function describe(
  { id, contextTokens }: FoundModel,
  { role, base, contextTokens: assumed }: ProbeOptions,
): LoadedInfo {
  return {
    id,
    file: base,
    architecture: 'remote',
    sizeBytes: 0,
    parameters: undefined,
    contextTokens: contextTokens ?? assumed,
    trainContextTokens: contextTokens,
    sequences: role === 'generate' ? PARALLEL : 1,
    dimensions: undefined,
    threads: 0,
    device: {
      kind: 'remote',
      name: base,
      gpuLayers: 0,
      software: false,
      reason: `RAG_${role.toUpperCase()}_URL names the server`,
      estimatedBytes: 0,
      deviceBytes: 0,
    },
  };
}

async function probeEmbedder(info: LoadedInfo, options: ProbeOptions): Promise<ProbedServer> {
  const { client, signal } = options;
  const [sample] = await embed({ client, info, can: NO_SKILLS }, [SAMPLE], signal);
  if (sample === undefined || sample.length === 0)
    throw new ServerFault('failed', 'makes no vector of a text');
  const embedding = describeEmbedding(info.id, sample.length, options.embedPrefixes);
  const known = { ...info, dimensions: sample.length, embedding };
  await probeMeaning({ client, info: known, can: NO_SKILLS }, signal);
  return { info: known, can: NO_SKILLS, sample };
}

const SAMPLE = 'Jupiter is the giant of our solar system, far bigger than Saturn.';

async function embed(server: AskedServer, texts: readonly string[], signal: AbortSignal) {
  for await (const reply of runRemotely(
    { kind: 'embed', texts, prefix: '', onOverflow: 'refuse' },
    server,
    signal,
  ))
    if (reply.kind === 'vectors') return reply.vectors;
  return [];
}

/** Servers do not tell a hash of their model: its name, its dimensions and the prefixes stand for it. */
function describeEmbedding(id: string, dimensions: number, given: Partial<EmbedPrefixes>): EmbeddingInfo {
  const prefixes = { ...findPrefixes({ architecture: '', names: [id] }), ...given };
  const whole = JSON.stringify(['remote', id, dimensions, prefixes.query, prefixes.document]);
  return { prefixes, fingerprint: createHash('sha256').update(whole).digest('hex') };
}

async function probeReranker(info: LoadedInfo, { client, signal }: ProbeOptions): Promise<ProbedServer> {
  const server = { client, info, can: NO_SKILLS };
  const scores: number[] = [];
  await probeMeaning(server, signal, (reply) => {
    if (reply.kind === 'scores') scores.push(...reply.scores);
  });
  const scoresAreLogits = scores.some((score) => score < 0 || score > 1);
  return { info, can: { ...NO_SKILLS, scoresAreLogits } };
}

async function probeMeaning(
  server: AskedServer,
  signal: AbortSignal,
  see: (reply: ModelReply) => void = () => undefined,
): Promise<void> {
  const run = async (call: ModelCall, { reply }: { reply: (reply: ModelReply) => void }) => {
    for await (const one of runRemotely(call, server, signal)) {
      see(one);
      reply(one);
    }
  };
  await probeModel({ info: server.info, run });
}
