import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type GgufFileInfo,
  type GgufInsights,
  GgufInsights as Insights,
  type Llama,
  readGgufFileInfo,
} from 'node-llama-cpp';
import type { ModelRole } from '../ipc.ts';
import { ModelError } from '../model-error.ts';

export interface InspectedFile {
  readonly sizeBytes: number;
  readonly architecture: string;
  readonly info: GgufFileInfo;
  readonly insights: GgufInsights;
}

/** Reads the head of a model file. Throws `MODEL_UNUSABLE` with a sentence for the person who chose the file. */
export async function inspectFile(llama: Llama, file: string, role: ModelRole): Promise<InspectedFile> {
  const name = basename(file);
  const sizeBytes = await checkMagic(file, name);
  const info = await readGgufFileInfo(file, { sourceType: 'filesystem', logWarnings: false }).catch(
    (cause) => {
      throw unusable(`${name} is damaged or truncated: its GGUF header cannot be read`, cause);
    },
  );
  const insights = await Insights.from(info, llama);
  checkLength({ info, insights, sizeBytes, name });
  const architecture = String(info.metadata.general?.architecture ?? 'unknown');
  if (!insights.isSupportedByLlamaCpp) {
    throw unusable(`${name} has the architecture ${architecture}, which the inference engine cannot run`);
  }
  checkRole({ info, insights, architecture, name, role });
  return { sizeBytes, architecture, info, insights };
}

async function checkMagic(file: string, name: string): Promise<number> {
  const { size } = await stat(file).catch((cause) => {
    throw unusable(
      `${name} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      cause,
    );
  });
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  if (bytesRead < 4 || buffer.toString('latin1') !== 'GGUF') {
    throw unusable(`${name} is not a GGUF file (${size} bytes)`);
  }
  return size;
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
  if (info.splicedParts > 1) return;
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
