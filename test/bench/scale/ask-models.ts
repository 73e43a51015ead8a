import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LLAMA_TINY, writeRandomBert, writeRandomLlama } from '@xnai/inference/testing';
import { middleOf, quantile } from '../report.ts';
import { makeDocuments } from '../support/made-up-documents.ts';
import { type RagProcess, startRag } from '../support/rag-process.ts';
import { untilModel } from '../support/until-model.ts';
import { untilServed } from '../support/until-served.ts';

const BATCH = 32;
const TOKENS = 64;
const REQUESTS = 20;

/** Embedding and writing by models of a rag itself, and by those of another rag that it asks as any model server. */
export async function askModels({ rounds }: { readonly rounds: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-bench-models-'));
  try {
    const [generate, embed] = ['generate', 'embed'].map((name) => join(folder, `${name}.gguf`));
    writeRandomLlama(generate ?? '', LLAMA_TINY);
    writeRandomBert(embed ?? '', 'embed');
    await using local = await startRag({ RAG_GENERATE_MODEL: generate, RAG_EMBED_MODEL: embed });
    await untilModel(local.url);
    await untilServed(() => timeOf(local, EMBED));
    const server = { RAG_GENERATE_URL: local.url, RAG_EMBED_URL: local.url };
    const key = { RAG_GENERATE_KEY: local.key, RAG_EMBED_KEY: local.key };
    await using remote = await startRag({
      ...server,
      ...key,
      RAG_GENERATE_MODEL: undefined,
      RAG_EMBED_MODEL: undefined,
    });
    await untilModel(remote.url);
    for (const rag of [local, remote]) await untilServed(() => timeOf(rag, EMBED));
    const raw: Round[] = [];
    for (let round = 0; round < rounds; round++) raw.push(await askByTurns(local, remote));
    return { raw, rows: [...rowsOf('embedMs', raw), ...rowsOf('writeMs', raw)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Times {
  /** Medians of single requests. */
  readonly embedMs: number;
  readonly writeMs: number;
}

interface Round {
  readonly own: Times;
  readonly asked: Times;
}

const WHAT = {
  embedMs: `embedding ${BATCH} chunks`,
  writeMs: `writing ${TOKENS} tokens`,
} as const satisfies Record<keyof Times, string>;

const EMBED = {
  path: '/v1/embeddings',
  body: { model: 'embed', input: makeDocuments(BATCH).map(({ content }) => content?.slice(0, 400)) },
};
const WRITE = {
  path: '/v1/chat/completions',
  body: {
    model: 'generate',
    messages: [{ role: 'user', content: 'Where is the ferry?' }],
    max_tokens: TOKENS,
  },
};

async function askByTurns(local: RagProcess, remote: RagProcess) {
  const rags = [local, remote].map((rag) => ({ rag, embedMs: [] as number[], writeMs: [] as number[] }));
  for (let n = 0; n < REQUESTS; n++) {
    for (const { rag, embedMs, writeMs } of rags) {
      embedMs.push(await timeOf(rag, EMBED));
      writeMs.push(await timeOf(rag, WRITE));
    }
  }
  const [own, asked] = rags.map(
    ({ embedMs, writeMs }): Times => ({ embedMs: quantile(embedMs, 0.5), writeMs: quantile(writeMs, 0.5) }),
  );
  return { own, asked } as Round;
}

async function timeOf(
  { url, key }: RagProcess,
  { path, body }: { readonly path: string; readonly body: object },
): Promise<number> {
  const startedMs = performance.now();
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
  return performance.now() - startedMs;
}

function rowsOf(what: keyof Times, raw: readonly Round[]) {
  return [
    middleOf(
      `${WHAT[what]}: own model`,
      raw.map(({ own }) => own[what]),
      'ms',
    ),
    middleOf(
      `${WHAT[what]}: model of another rag`,
      raw.map(({ asked }) => asked[what]),
      'ms',
    ),
    middleOf(
      `${WHAT[what]}: remote to own`,
      raw.map(({ own, asked }) => asked[what] / own[what]),
      'times',
    ),
  ];
}
