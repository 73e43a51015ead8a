import { AuditActList, AuditQuery } from '@xnai/contracts';
import { ACTS, isOfKind, readNewestActs } from '@xnai/ops/audit';
import { type App, ServiceError } from '@xnai/service';
import { readPage, wrongCursor } from './cursor.ts';

/** What the chains of all writers of the stack hold. */
export function auditRoute(app: App, folder: string): void {
  app.get(
    '/v1/audit',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Recorded acts of the whole stack, newest first',
        description: 'The lines are not verified; `xnai audit verify` does that.',
        querystring: AuditQuery,
        response: { 200: AuditActList },
      },
    },
    async ({ query: { since, by, action, ...query }, signal }) => {
      const filter = { since: since === undefined ? undefined : new Date(since), by, what: action };
      const list = (page: { after: string | undefined; limit: number }) =>
        readNewestActs(folder, { ...page, ...filter, signal }).catch((error) => throwReadError(error));
      const { items, nextCursor } = await readPage(
        query,
        async (page) => (await list(page)) ?? throwAbsent(),
        ({ position }) => position,
      );
      if (items.length === 0 && query.cursor === undefined) requireKnownAct(action);
      return { acts: items.map(({ line }) => line), next_cursor: nextCursor };
    },
  );
}

function throwReadError(error: unknown): never {
  if (error instanceof RangeError) throw wrongCursor();
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  throw new ServiceError('AUDIT_UNREADABLE', {
    cause: error,
    detail: `The audit chains cannot be read: ${code}`,
  });
}

function throwAbsent(): never {
  throw new ServiceError('AUDIT_ABSENT', { detail: 'No act was recorded in the audit folder of rag' });
}

/** An empty list for a misspelt act would say that none was done. */
function requireKnownAct(action: string | undefined): void {
  if (action === undefined || ACTS.some((act) => isOfKind(act, action))) return;
  const message = `there is no such act; there are ${ACTS.join(', ')}`;
  throw new ServiceError('VALIDATION', { errors: [{ path: 'action', message }] });
}
