import type { z } from 'zod';
import type { ModelRole } from '../model.ts';
import type { ServerAddress } from '../server-address.ts';
import { ModelList, Props } from './server-answers.ts';
import type { ServerClient } from './server-client.ts';
import { ServerFault } from './server-fault.ts';

export interface FoundModel {
  readonly id: string;
  readonly contextTokens: number | undefined;
}

/**
 * The model of a server: the one of that name, or the only one for the role.
 *
 * @throws {ServerFault} when there is none, or when there are several and none was named
 */
export async function findModel(
  { model: wanted }: Pick<ServerAddress, 'model'>,
  role: ModelRole,
  { client, signal, timeoutMs }: { client: ServerClient; signal: AbortSignal; timeoutMs: number },
): Promise<FoundModel> {
  const list: z.infer<typeof ModelList> = await client
    .ask('/models', { schema: ModelList, signal, timeoutMs })
    .catch((error: unknown) => {
      const isWithoutList = error instanceof ServerFault && (error.status === 404 || error.status === 405);
      if (isWithoutList && wanted !== undefined) return { data: [{ id: wanted }] };
      throw error;
    });
  const models = list.data.filter((entry) => isFor(role, entry));
  const named = models.filter(({ id }) => wanted === undefined || id === wanted || id === `${wanted}:latest`);
  const [only, another] = named;
  const names = models.map(({ id }) => id).slice(0, 5);
  if (only === undefined)
    throw new ServerFault(
      'failed',
      `has no model ${wanted ?? 'of this kind'}${names.length > 0 ? `, but ${names.join(', ')}` : ''}`,
    );
  if (another !== undefined)
    throw new ServerFault('failed', `has several models (${names.join(', ')}): name one of them`);
  return { id: only.id, contextTokens: only.max_model_len ?? (await askProps(client, signal, timeoutMs)) };
}

const TYPES: Readonly<Record<ModelRole, string>> = { generate: 'chat', embed: 'embedding', rerank: 'rerank' };

/** rag lists its collections, too, as models that are chatted with. */
function isFor(role: ModelRole, { id, type, owned_by }: z.infer<typeof ModelList>['data'][number]): boolean {
  if (owned_by !== 'xnai') return true;
  return type === TYPES[role] && !/^rag(?::|$)/.test(id);
}

async function askProps(
  client: ServerClient,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<number | undefined> {
  const props = await client.ask('//props', { schema: Props, signal, timeoutMs }).catch(() => undefined);
  signal.throwIfAborted();
  return props?.default_generation_settings.n_ctx;
}
