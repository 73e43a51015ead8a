import type { TestRedis } from '@xnai/testing';
import { startFleet } from './fleet.ts';
import type { Part } from './part.ts';

const WINDOWS = 20;
const PROBES = 3;
const CALLERS = 40;

/** How many of all callers of all processes get through a half-open breaker. */
export async function measureWindows(server: TestRedis): Promise<Part> {
  await server.client.flushall();
  await using fleet = await startFleet(server.url, { replicas: 8, breakers: 1, probes: PROBES });
  await fleet.ask(0, { do: 'open' });
  const entered: number[] = [];
  for (let i = 0; i < WINDOWS; i++) {
    await fleet.all({ do: 'due' });
    const told = await fleet.all({ do: 'storm', callers: CALLERS, holdMs: 400 });
    entered.push(told.reduce((sum, one) => sum + (one.entered ?? 0), 0));
  }
  const wrong = entered.filter((n) => n !== PROBES).length;
  return {
    raw: entered,
    rows: [
      {
        what: `probes per half-open window, 8 x ${CALLERS} callers, K = ${PROBES}, least`,
        value: Math.min(...entered),
        unit: '',
      },
      { what: 'the same, most', value: Math.max(...entered), unit: '' },
      {
        what: `windows of ${WINDOWS} with another number than K`,
        value: wrong,
        unit: '',
        aim: 'none',
        isMet: wrong === 0,
      },
    ],
  };
}
