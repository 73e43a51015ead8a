const breaker = {
  name: 'generate',
  state: 'isolated',
  generation: 7,
  scope: 'shared',
  retry_after_ms: 540_000,
  failures: 0,
  calls: 12,
  opened_at: '2027-01-15T09:30:00.000Z',
  opened_by: 'rag-1',
  cause: 'forced',
  view_age_ms: 40,
  forced: { by: 'k_7f3a', reason: 'The model is replaced', remaining_ms: 540_000 },
};

const memory = {
  name: 'memory',
  level: 'ok',
  readings: [{ source: 'limit', level: 'ok', used: 0.41, detail: '0.8 of 2.0 GiB' }],
};

/** What both services answer. */
export const SERVICE_EXAMPLES = {
  Liveness: { status: 'ok' },
  Readiness: {
    status: 'degraded',
    checks: { store: { status: 'ok' }, model: { status: 'down', detail: 'The model file is damaged' } },
    degraded: ['model'],
    advice: [],
  },
  Problem: {
    type: 'urn:xnai:problem:collection-not-found',
    title: 'There is no such collection',
    status: 404,
    code: 'COLLECTION_NOT_FOUND',
    detail: 'There is no collection "dcos"',
    request_id: 'b2f6c1f0a4e84a0f',
  },
  BreakerList: { breakers: [breaker], resources: [memory] },
  OrderedBreaker: { ...breaker, reached: 'fleet' },
  BreakerOrderList: {
    orders: [
      {
        at: '2027-01-15T09:30:00.000Z',
        breaker: 'generate',
        action: 'isolate',
        by: 'k_7f3a',
        reason: 'The model is replaced',
        ttl_s: 600,
        generation: 7,
        replica: 'rag-1',
      },
    ],
  },
  IsolateRequest: { reason: 'The model is replaced', ttl_s: 600 },
  ResetRequest: { reason: 'The new model is in place' },
};
