import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../testing/test-app.ts';
import { handOverSpans, type SpanMessage } from './hand-over-spans.ts';
import { inSpan } from './index.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

const spans: SpanMessage[] = [];
let test: TestApp;
let url: string;

beforeAll(async () => {
  handOverSpans((span) => spans.push(span));
  const tracing = {
    check: { name: 'traces', check: () => ({ status: 'ok' as const }) },
    registerMetrics: () => {},
  };
  test = await openTestApp(
    (app) => {
      app.post('/v1/things/:id', { config: { scope: 'query' } }, (request) =>
        inSpan('work', {}, async () => {
          request.log.info('at work');
          if (request.body !== null && typeof request.body === 'object' && 'fails' in request.body)
            throw new Error('as told');
          return {};
        }),
      );
    },
    { tracing },
  );
  url = await test.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => test[Symbol.asyncDispose]());

/** Sends a request, and gives the spans that have ended when it has. */
async function send(body: object, traceparent?: string): Promise<readonly SpanMessage[]> {
  const before = spans.length;
  const response = await fetch(`${url}/v1/things/7`, {
    method: 'POST',
    headers: {
      ...test.auth,
      'content-type': 'application/json',
      ...(traceparent !== undefined && { traceparent }),
    },
    body: JSON.stringify(body),
  });
  await response.text();
  const named = () => test.lines.some(({ request_id: id }) => id === response.headers.get('x-request-id'));
  await expect.poll(named).toBe(true);
  return spans.slice(before);
}

it("takes the caller's trace, and keeps to it behind the body, which comes on a connection of its own", async () => {
  const [work, request] = await send({ text: 'x'.repeat(200_000) }, `00-${TRACE}-${CALLER}-01`);

  expect(request).toMatchObject({
    name: 'POST /v1/things/:id',
    context: { traceId: TRACE },
    parentSpanId: CALLER,
    attributes: { 'http.route': '/v1/things/:id', 'http.response.status_code': 200 },
  });
  expect(work).toMatchObject({ name: 'work', parentSpanId: request?.context.spanId });
});

it('begins a trace of its own for a request without one, also on a connection that had another', async () => {
  const [, first] = await send({});
  const [, second] = await send({}, 'nonsense');

  const ids = new Set([TRACE, first?.context.traceId, second?.context.traceId]);
  expect(ids.size).toBe(3);
  expect([first?.parentSpanId, second?.parentSpanId]).toEqual([undefined, undefined]);
});

it('makes no span that the caller does not sample', async () => {
  expect(await send({}, `00-${TRACE}-${CALLER}-00`)).toEqual([]);
});

it('marks what failed by its code, and holds no message', async () => {
  const [work, request] = await send({ fails: true });

  expect(request).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': '500' } });
  expect(work).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'Error' } });
  expect(JSON.stringify([work, request])).not.toContain('as told');
});

it('names the trace in every line of the log that belongs to it', async () => {
  const [, request] = await send({});

  const of = test.lines.filter(({ trace_id: id }) => id === request?.context.traceId).map(({ msg }) => msg);
  expect(of).toEqual(['at work', 'request completed']);
});

it('leaves probes alone', async () => {
  const before = spans.length;
  await fetch(`${url}/livez`);
  await fetch(`${url}/readyz`);
  expect(spans.slice(before)).toEqual([]);
});
