import { createHash } from 'node:crypto';
import type { EmbeddingInfo } from '../model.ts';
import { findPrefixes, type ModelIdentity } from './embed-prefixes.ts';
import { fingerprintFile } from './fingerprint-file.ts';
import type { InspectedFile } from './inspect-file.ts';
import type { LoadSettings } from './messages.ts';

/** How the model of that file embeds texts. */
export async function describeEmbedding(
  file: InspectedFile,
  { embedPrefixes, repository }: Pick<LoadSettings, 'embedPrefixes' | 'repository'>,
): Promise<EmbeddingInfo> {
  const prefixes = { ...findPrefixes(identify(file, repository)), ...embedPrefixes };
  const model = await fingerprintFile(file.parts, file.info.infoEndOffset ?? 0);
  const whole = JSON.stringify([model, prefixes.query, prefixes.document]);
  return { prefixes, fingerprint: createHash('sha256').update(whole).digest('hex') };
}

function identify({ info, architecture }: InspectedFile, repository: string | undefined): ModelIdentity {
  const general: Readonly<Record<string, unknown>> = info.metadata.general;
  const told = [general['basename'], general['size_label'], general['finetune'], general['version']];
  const fullName = told.filter((word) => typeof word === 'string').join('-');
  const { name } = general;
  return { architecture, names: [typeof name === 'string' ? name : undefined, fullName, repository] };
}
