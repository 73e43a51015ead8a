import {
  type Advice,
  type CheckResult,
  type CheckStatus,
  type DegradedToken,
  Liveness,
  Readiness,
} from '@xnai/contracts';
import { withTimeLimit } from '@xnai/resilience';
import type { App } from './app-type.ts';

/** The result of a check, and what would make its part better. */
export interface CheckOutcome extends CheckResult {
  readonly advice?: Advice;
}

/** One thing that a service needs. The check uses it as a request would. */
export interface Check {
  readonly name: string;
  /** Without it this replica can serve nothing: down means 503. */
  readonly essential?: boolean;
  /** Its absence does not degrade the service. */
  readonly isOptional?: boolean;
  /** What callers read in `degraded` while this is not ok. */
  readonly degradedToken?: DegradedToken;
  check(signal: AbortSignal): CheckOutcome | Promise<CheckOutcome>;
}

const CHECK_TIMEOUT_MS = 2000;

/** `/livez` and `/readyz`. Checks run side by side, each with a time limit. */
export function addHealth(app: App, checks: readonly Check[]): void {
  let running: Promise<Readiness> | undefined;
  let last: Readiness | undefined;

  app.get(
    '/livez',
    { schema: { response: { 200: Liveness }, summary: 'Whether the process turns' } },
    () => ({
      status: 'ok' as const,
    }),
  );

  const schema = { response: { 200: Readiness, 503: Readiness }, summary: 'What this replica can serve' };
  app.get('/readyz', { schema }, async (_request, reply) => {
    if (app.draining.isOn && last !== undefined) return reply.code(503).send(withStop(last));
    // Requests that come at the same time share one run of the checks.
    running ??= readiness(checks).finally(() => {
      running = undefined;
    });
    last = await running;
    const result = app.draining.isOn ? withStop(last) : last;
    return reply.code(result.status === 'unavailable' ? 503 : 200).send(result);
  });
}

/** A balancer takes it out before it is gone, and so is told at once: the checks of a busy service take their time. */
function withStop(result: Readiness): Readiness {
  const stop = { status: 'down', detail: 'the service is stopping' } as const;
  return { ...result, status: 'unavailable', checks: { ...result.checks, stop } };
}

/** Runs the checks and sums up their results. */
export async function readiness(
  checks: readonly Check[],
  { timeoutMs = CHECK_TIMEOUT_MS } = {},
): Promise<Readiness> {
  const results = await Promise.all(checks.map((check) => runCheck(check, timeoutMs)));
  const outcomes = checks.map((check, index) => {
    const { advice, ...result } = results[index] as CheckOutcome;
    return { check, result, advice };
  });
  const degraded = outcomes
    .filter(({ check, result }) => isMissed(check, result))
    .map(({ check }) => check.degradedToken as DegradedToken);
  const isUnavailable =
    // Without checks, nothing is known to work.
    outcomes.length === 0 ||
    outcomes.some(({ check, result }) => check.essential && result.status === 'down');
  const has = (status: CheckStatus) => outcomes.some(({ result }) => result.status === status);
  const isDegraded = degraded.length > 0 || has('degraded') || has('down');
  const served = isDegraded ? 'degraded' : has('starting') ? 'starting' : 'ready';
  return {
    status: isUnavailable ? 'unavailable' : served,
    checks: Object.fromEntries(outcomes.map(({ check, result }) => [check.name, result])),
    degraded: [...new Set(degraded)],
    advice: outcomes.flatMap(({ advice }) => advice ?? []),
  };
}

function isMissed({ isOptional, degradedToken }: Check, { status }: CheckResult): boolean {
  if (degradedToken === undefined || status === 'ok' || status === 'starting') return false;
  return !(isOptional === true && status === 'absent');
}

async function runCheck(check: Check, timeoutMs: number): Promise<CheckOutcome> {
  const late = new Error('late');
  try {
    return await withTimeLimit(({ signal }) => check.check(signal), { timeoutMs, reason: () => late });
  } catch (error) {
    if (error === late) return { status: 'down', detail: `no answer in ${timeoutMs} ms` };
    // The route is open to everyone, so it shows the kind of failure and not its text.
    return { status: 'down', detail: (error as NodeJS.ErrnoException).code ?? (error as Error).name };
  }
}
