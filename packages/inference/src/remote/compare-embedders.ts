import { QUESTION_SETS } from '../child/probe-questions.ts';
import type { RoleProcess } from '../process/role-process.ts';
import { cosine } from './cosine.ts';

/** Whether both were seen to make the same vectors, which is looked at whenever one has become ready. */
export function compareEmbedders(remote: RoleProcess, local: RoleProcess): () => boolean {
  let isSame = false;
  const compare = async () => {
    if (remote.state().status !== 'ready' || local.state().status !== 'ready') return;
    const [a, b] = await Promise.all([vectorsOf(remote), vectorsOf(local)]);
    isSame = a.every((vector, index) => cosine(vector, b[index] ?? NONE) >= SAME_MODEL);
  };
  for (const process of [remote, local]) process.onReady(() => void compare().catch(() => undefined));
  return () => isSame;
}

const NONE = new Float32Array();
/** Quantizations of one model agree to more than that. */
export const SAME_MODEL = 0.97;

const TEXTS = (QUESTION_SETS[0] ?? []).slice(0, 8).map(({ passage }) => passage);

async function vectorsOf(process: RoleProcess): Promise<readonly Float32Array[]> {
  const reply = await process.ask({ kind: 'embed', texts: TEXTS, prefix: '', onOverflow: 'refuse' });
  return reply.kind === 'vectors' ? reply.vectors : [];
}
