import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type GgufFileInfo,
  type GgufInsights,
  GgufInsights as Insights,
  type Llama,
  readGgufFileInfo,
} from 'node-llama-cpp';
import { ModelError } from '../model-error.ts';
import type { ModelRole } from '../process/ipc.ts';

export interface InspectedFile {
  readonly sizeBytes: number;
  readonly architecture: string;
  readonly info: GgufFileInfo;
  readonly insights: GgufInsights;
}

/** Reads the head of a model file. Throws `MODEL_UNUSABLE` with a sentence for the person who chose the file. */
export async function inspectFile(llama: Llama, file: string, role: ModelRole): Promise<InspectedFile> {
  const name = basename(file);
  const sizeBytes = await sizeOf(file, name);
  await checkHead(file, name, sizeBytes);
  const { info, insights } = await readInfo(llama, file).catch((cause) => {
    throw unusable(`${name} is damaged or truncated: its GGUF header cannot be read`, cause);
  });
  checkLength({ info, insights, sizeBytes, name });
  const architecture = String(info.metadata.general?.architecture ?? '');
  if (architecture === '') throw unusable(`${name} does not say its architecture`);
  if (!insights.isSupportedByLlamaCpp) {
    throw unusable(`${name} has the architecture ${architecture}, which the inference engine cannot run`);
  }
  checkContext(insights.trainContextSize, name);
  checkRole({ info, insights, architecture, name, role });
  return { sizeBytes, architecture, info, insights };
}

async function readInfo(llama: Llama, file: string) {
  const info = await readGgufFileInfo(file, { sourceType: 'filesystem', logWarnings: false });
  return { info, insights: await Insights.from(info, llama) };
}

/** Of all parts together, when the model lies in several files. */
async function sizeOf(file: string, name: string): Promise<number> {
  let sizeBytes = 0;
  for (const part of partsOf(file, name)) {
    const { size } = await stat(part).catch((cause: NodeJS.ErrnoException) => {
      if (part !== file) throw unusable(`${name} is of no use without ${basename(part)} beside it`, cause);
      throw unusable(`${name} cannot be read (${cause.code ?? 'unknown error'})`, cause);
    });
    sizeBytes += size;
  }
  return sizeBytes;
}

function partsOf(file: string, name: string): string[] {
  const [end, part, count] = /-(\d{5})-of-(\d{5})\.gguf$/.exec(file) ?? [];
  if (end === undefined || count === undefined) return [file];
  if (Number(part) !== 1) throw unusable(`${name} is a later part of a model: its first part must be named`);
  const start = file.slice(0, -end.length);
  return Array.from(
    { length: Number(count) },
    (_, index) => `${start}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`,
  );
}

/** The magic number, the version, and the counts of tensors and keys. */
const HEAD_BYTES = 24;
const VERSIONS: readonly number[] = [2, 3];

async function checkHead(file: string, name: string, sizeBytes: number): Promise<void> {
  const head = await readHead(file).catch((cause: NodeJS.ErrnoException) => {
    throw unusable(`${name} cannot be read (${cause.code ?? 'unknown error'})`, cause);
  });
  if (head.toString('latin1', 0, 4) !== 'GGUF')
    throw unusable(`${name} is not a GGUF file (${sizeBytes} bytes)`);
  if (head.length < HEAD_BYTES) throw unusable(`${name} is truncated: ${head.length} bytes are there`);
  if (VERSIONS.includes(head.readUInt32LE(4))) return;
  if (VERSIONS.includes(head.readUInt32BE(4))) throw unusable(`${name} is written for big-endian machines`);
  throw unusable(`${name} has GGUF version ${head.readUInt32LE(4)}; the inference engine reads 2 and 3`);
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

/** The file may hold anything there, whatever the types of the library say. */
function checkContext(tokens: number | undefined, name: string): void {
  if (tokens === undefined || (Number.isSafeInteger(tokens) && tokens > 0)) return;
  throw unusable(`${name} states a context of ${String(tokens).slice(0, 40)} tokens`);
}

interface LengthCheck {
  readonly info: GgufFileInfo;
  readonly insights: GgufInsights;
  readonly sizeBytes: number;
  readonly name: string;
}

function checkLength({ info, insights, sizeBytes, name }: LengthCheck): void {
  const tensors = info.fullTensorInfo ?? info.tensorInfo ?? [];
  if (tensors.length === 0) throw unusable(`${name} holds no tensors: it is a vocabulary, not a model`);
  const needed = (info.infoEndOffset ?? 0) + insights.modelSize;
  if (sizeBytes < needed) {
    throw unusable(`${name} is truncated: ${sizeBytes} of ${needed} bytes are there`);
  }
}

interface RoleCheck {
  readonly info: GgufFileInfo;
  readonly insights: GgufInsights;
  readonly architecture: string;
  readonly name: string;
  readonly role: ModelRole;
}

function checkRole({ info, insights, architecture, name, role }: RoleCheck): void {
  const pooling = info.architectureMetadata.pooling_type;
  const embeds = pooling !== undefined || info.architectureMetadata.attention?.causal === false;
  if (role === 'generate' && insights.hasEncoder) {
    throw unusable(
      `${name} is an encoder-decoder model (${architecture}), which cannot be used for generation`,
    );
  }
  if (role === 'generate' && embeds) {
    const kind = insights.supportsRanking ? 'a reranking' : 'an embedding';
    throw unusable(`${name} is ${kind} model (${architecture}), not one for generation`);
  }
  if (role === 'embed' && !embeds) {
    throw unusable(
      `${name} is a generation model (${architecture}): it has no pooling and makes no embeddings`,
    );
  }
  if (role === 'embed' && pooling === RANK_POOLING) {
    throw unusable(`${name} is a reranking model (${architecture}), not one for embeddings`);
  }
  if (role === 'rerank' && !insights.supportsRanking) {
    throw unusable(`${name} (${architecture}) has no classifier and cannot rerank`);
  }
}

const RANK_POOLING = 4;

function unusable(detail: string, cause?: unknown): ModelError {
  return new ModelError('MODEL_UNUSABLE', { detail, cause });
}
