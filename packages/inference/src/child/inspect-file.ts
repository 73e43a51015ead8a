import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type GgufFileInfo, GgufInsights, type Llama, readGgufFileInfo } from 'node-llama-cpp';
import type { ModelRole } from '../model.ts';
import { ModelError } from '../model-error.ts';

export interface InspectedFile {
  readonly name: string;
  /** One file, or all when the model consists of several. */
  readonly parts: readonly string[];
  /** Of all parts together. */
  readonly sizeBytes: number;
  readonly architecture: string;
  readonly info: GgufFileInfo;
  readonly insights: GgufInsights;
}

/**
 * Reads the head of a model file.
 *
 * @throws {ModelError} MODEL_UNUSABLE when it cannot be used, with a sentence for the person who chose the file
 */
export async function inspectFile(llama: Llama, file: string, role: ModelRole): Promise<InspectedFile> {
  const name = basename(file);
  const parts = partsOf(file, name);
  const sizeBytes = await sizeOf(parts, name);
  await checkHead(file, name, sizeBytes);
  const { info, insights } = await readInfo(llama, file).catch((cause) => {
    throw unusable(`${name} is damaged or truncated: its GGUF header cannot be read`, cause);
  });
  const architecture = String(info.metadata.general?.architecture ?? '');
  const inspected = { name, parts, sizeBytes, architecture, info, insights };
  checkLength(inspected);
  if (architecture === '') throw unusable(`${name} does not say its architecture`);
  if (!insights.isSupportedByLlamaCpp) {
    throw unusable(`${name} has the architecture ${architecture}, which the inference engine cannot run`);
  }
  checkContext(insights.trainContextSize, name);
  const misfit = whyNotFor(role, inspected);
  if (misfit !== undefined) throw unusable(`${name} ${misfit}`);
  return inspected;
}

async function readInfo(llama: Llama, file: string) {
  const info = await readGgufFileInfo(file, { sourceType: 'filesystem', logWarnings: false });
  return { info, insights: await GgufInsights.from(info, llama) };
}

async function sizeOf(parts: readonly string[], name: string): Promise<number> {
  let sizeBytes = 0;
  for (const part of parts) {
    const { size } = await stat(part).catch((cause: NodeJS.ErrnoException) => {
      if (part !== parts[0])
        throw unusable(`${name} is of no use without ${basename(part)} beside it`, cause);
      throw unreadable(name, cause);
    });
    sizeBytes += size;
  }
  return sizeBytes;
}

function partsOf(file: string, name: string): string[] {
  const [end, part, count] = /-(\d{5})-of-(\d{5})\.gguf$/.exec(file) ?? [];
  if (end === undefined) return [file];
  if (Number(part) !== 1) throw unusable(`${name} is a later part of a model: its first part must be named`);
  const start = file.slice(0, -end.length);
  const partName = (index: number) => `${start}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`;
  return Array.from({ length: Number(count) }, (_, index) => partName(index));
}

/** The magic number, the version, and the counts of tensors and keys. */
const HEAD_BYTES = 24;
const VERSIONS: readonly number[] = [2, 3];

async function checkHead(file: string, name: string, sizeBytes: number): Promise<void> {
  const head = await readHead(file).catch((cause) => {
    throw unreadable(name, cause);
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

/** The file may hold any value, whatever the library's types say. */
function checkContext(tokens: number | undefined, name: string): void {
  if (tokens === undefined || (Number.isSafeInteger(tokens) && tokens > 0)) return;
  throw unusable(`${name} states a context of ${String(tokens).slice(0, 40)} tokens`);
}

function checkLength({ info, insights, sizeBytes, name }: InspectedFile): void {
  const tensors = info.fullTensorInfo ?? info.tensorInfo ?? [];
  if (tensors.length === 0) throw unusable(`${name} holds no tensors: it is a vocabulary, not a model`);
  const needed = (info.infoEndOffset ?? 0) + insights.modelSize;
  if (sizeBytes < needed) throw unusable(`${name} is truncated: ${sizeBytes} of ${needed} bytes are there`);
}

/** What keeps a model from a role, as the rest of a sentence; undefined when it fits. */
function whyNotFor(role: ModelRole, { info, insights, architecture }: InspectedFile): string | undefined {
  const { pooling_type: pooling, attention } = info.architectureMetadata;
  const { hasEncoder, supportsRanking } = insights;
  const isEmbedding = pooling !== undefined || attention?.causal === false;
  if (role === 'rerank') {
    return supportsRanking ? undefined : `(${architecture}) has no classifier and cannot rerank`;
  }
  if (role === 'embed') {
    if (!isEmbedding)
      return `is a generation model (${architecture}): it has no pooling and makes no embeddings`;
    return pooling === RANK_POOLING
      ? `is a reranking model (${architecture}), not one for embeddings`
      : undefined;
  }
  if (hasEncoder) return `is an encoder-decoder model (${architecture}), which cannot be used for generation`;
  const kind = supportsRanking ? 'a reranking' : 'an embedding';
  return isEmbedding ? `is ${kind} model (${architecture}), not one for generation` : undefined;
}

const RANK_POOLING = 4;

function unreadable(name: string, cause: NodeJS.ErrnoException): ModelError {
  return unusable(`${name} cannot be read (${cause.code ?? 'unknown error'})`, cause);
}

function unusable(detail: string, cause?: unknown): ModelError {
  return new ModelError('MODEL_UNUSABLE', { detail, cause });
}
