import { resolve } from 'node:path';

/** Where a model comes from, as the configuration names it. */
export type ModelSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'path'; readonly file: string }
  | HubSource;

export interface HubSource {
  readonly kind: 'hub';
  /** `user/name`. */
  readonly repository: string;
  readonly revision: string;
  /** One file of the repository, or the quantization by which it is chosen. */
  readonly choice: { readonly file: string } | { readonly quantization: string };
}

/**
 * Reads `none`, a path, or `hf:user/name[:QUANT][/file.gguf][#revision]`.
 *
 * @throws {RangeError} with a sentence for people when the text is none of these
 */
export function parseModelSource(given: string, quantization: string): ModelSource {
  const text = given.trim();
  if (text === '') throw new RangeError('expected a path, an hf: URI or none');
  if (text.toLowerCase() === 'none') return { kind: 'none' };
  if (text.startsWith('hf:')) return parseHub(text, quantization);
  if (/^[a-z]+:\/\//i.test(text)) throw new RangeError(`"${text}" is not a path, an hf: URI or none`);
  return { kind: 'path', file: resolve(text) };
}

/** The same source in one canonical form, to find the file that was fetched for it. */
export function formatHubSource({ repository, revision, choice }: HubSource): string {
  const chosen = 'file' in choice ? `/${choice.file}` : `:${choice.quantization.toLowerCase()}`;
  return `hf:${repository}${chosen}${revision === 'main' ? '' : `#${revision}`}`;
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
