import { Schedule, ScheduleChange, ScheduleList } from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import { z } from 'zod';
import type { Schedules } from '../schedules/schedules.ts';

const params = z.strictObject({ id: z.string().max(100).describe('Of the schedule') });
const config = { scope: 'crawl' } as const;

export function addSchedules(app: App, { schedules }: { readonly schedules: Schedules }): void {
  app.get(
    '/v1/schedules',
    {
      config,
      schema: { response: { 200: ScheduleList }, summary: 'Crawls that are repeated, oldest first' },
    },
    async () => ({ schedules: await schedules.list(), next_cursor: null }),
  );

  app.get(
    '/v1/schedules/:id',
    { config, schema: { params, response: { 200: Schedule }, summary: 'A crawl that is repeated' } },
    async (request) => known(await schedules.get(request.params.id)),
  );

  app.patch(
    '/v1/schedules/:id',
    {
      config: { ...config, audit: { what: 'schedule.change' } },
      schema: {
        params,
        body: ScheduleChange,
        response: { 200: Schedule },
        summary: 'Pause a schedule, or go on',
      },
    },
    async ({ params, body }) => known(await schedules.setPaused(params.id, body.paused)),
  );

  app.delete(
    '/v1/schedules/:id',
    {
      config: { ...config, audit: { what: 'schedule.delete' } },
      schema: { params, response: { 204: z.null() }, summary: 'End a schedule; its crawls stay' },
    },
    async (request, reply) => {
      known((await schedules.delete(request.params.id)) || undefined);
      return reply.code(204).send(null);
    },
  );
}

/** @throws {ServiceError} SCHEDULE_NOT_FOUND for undefined */
function known<T>(found: T | undefined): T {
  if (found === undefined) throw new ServiceError('SCHEDULE_NOT_FOUND');
  return found;
}
