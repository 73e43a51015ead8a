import { resolve } from 'node:path';

/** Where a model comes from, as the configuration names it. */
export type ModelSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'path'; readonly file: string }
  | FetchedSource;

/** A source whose file is fetched into the model directory. */
export type FetchedSource = HubSource | ObjectSource;

export interface HubSource {
  readonly kind: 'hub';
  /** `user/name`. */
  readonly repository: string;
  readonly revision: string;
  /** One file of the repository, or the quantization by which it is chosen. */
  readonly choice: { readonly file: string } | { readonly quantization: string };
}

export interface ObjectSource {
  readonly kind: 'object';
  readonly bucket: string;
  readonly key: string;
  /** Hexadecimal; undefined: what the store states. */
  readonly sha256: string | undefined;
}

/**
 * Reads `none`, a path, `hf:user/name[:QUANT][/file.gguf][#revision]`, or `s3://bucket/key.gguf[#sha256=HASH]`.
 *
 * @throws {RangeError} with a sentence for people when the text is none of these
 */
export function parseModelSource(given: string, quantization: string): ModelSource {
  const text = given.trim();
  if (text === '') throw new RangeError('expected a path, an hf: or s3: URI, or none');
  if (text.toLowerCase() === 'none') return { kind: 'none' };
  if (text.startsWith('hf:')) return parseHub(text, quantization);
  if (text.startsWith('s3:')) return parseObject(text);
  if (/^[a-z]+:\/\//i.test(text)) throw new RangeError(`"${text}" is not a path, an hf: or s3: URI, or none`);
  return { kind: 'path', file: resolve(text) };
}

/** The same source in one canonical form, to find the file that was fetched for it. */
export function formatSource(source: FetchedSource): string {
  return source.kind === 'hub' ? formatHub(source) : formatObject(source);
}

function formatHub({ repository, revision, choice }: HubSource): string {
  const chosen = 'file' in choice ? `/${choice.file}` : `:${choice.quantization.toLowerCase()}`;
  return `hf:${repository}${chosen}${revision === 'main' ? '' : `#${revision}`}`;
}

function formatObject({ bucket, key, sha256 }: ObjectSource): string {
  return `s3://${bucket}/${key}${sha256 === undefined ? '' : `#sha256=${sha256}`}`;
}

const HUB_URI =
  /^hf:(?<repository>[\w.-]+\/[\w.-]+)(?::(?<quantization>[\w.-]+)|\/(?<file>[\w.-]+(?:\/[\w.-]+)*\.gguf))?(?:#(?<revision>[\w./-]+))?$/i;

function parseHub(text: string, quantization: string): HubSource {
  const groups = HUB_URI.exec(text)?.groups;
  const repository = groups?.['repository'];
  const hasDots = text.split(/[:/#]/).some((part) => part === '..' || part === '.');
  if (groups === undefined || repository === undefined || hasDots) {
    throw new RangeError(`"${text}" is not of the form hf:user/name[:QUANT][/file.gguf][#revision]`);
  }
  const { file } = groups;
  return {
    kind: 'hub',
    repository,
    revision: groups['revision'] ?? 'main',
    choice: file === undefined ? { quantization: groups['quantization'] ?? quantization } : { file },
  };
}

const OBJECT_URI =
  /^s3:\/\/(?<bucket>[a-z0-9][\w.-]{1,61}[a-z0-9])\/(?<key>[^#\p{Cc}]+\.gguf)(?:#sha256=(?<sha256>[0-9a-f]{64}))?$/iu;

function parseObject(text: string): ObjectSource {
  const groups = OBJECT_URI.exec(text)?.groups;
  const [bucket, key] = [groups?.['bucket'], groups?.['key']];
  const isPlain = key?.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (bucket === undefined || key === undefined || !isPlain)
    throw new RangeError(`"${text}" is not of the form s3://bucket/key.gguf[#sha256=HASH]`);
  if (SPLIT.test(key))
    throw new RangeError(`"${text}" is a part of a model: make one file of it (llama-gguf-split --merge)`);
  return { kind: 'object', bucket, key, sha256: groups?.['sha256']?.toLowerCase() };
}

/** Below the model directory; no repository of a hub has a colon in its name. */
export function pathOfObject({ bucket, key }: ObjectSource): string {
  return `s3:${bucket}/${key}`;
}

/** A model in several parts, which the engine loads but this fetcher does not download. */
export const SPLIT = /-\d{5}-of-\d{5}\.gguf$/i;
