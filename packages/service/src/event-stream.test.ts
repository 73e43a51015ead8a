import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import type { App } from './app-type.ts';
import { type EventStream, type EventStreamOptions, streamData, streamEvents } from './event-stream.ts';
import { ServiceError } from './service-error.ts';
import { openTestApp, type TestApp } from './testing/test-app.ts';

type Write = (events: EventStream) => Promise<void>;

function addEvents(write: Write, options?: EventStreamOptions): (app: App) => void {
  return (app) => {
    app.get('/v1/events', { config: { scope: 'query' } }, (request, reply) =>
      streamEvents(request, reply, write, options),
    );
  };
}

async function inject(test: TestApp, headers: object = {}) {
  return test.app.inject({ url: '/v1/events', headers: { ...test.auth, ...headers } });
}

async function connect(
  test: TestApp,
): Promise<{ response: IncomingMessage; text: () => string; leave: () => void }> {
  const url = await test.app.listen({ port: 0, host: '127.0.0.1' });
  const request = httpRequest(`${url}/v1/events`, { headers: test.auth });
  request.on('error', () => {});
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.on('data', (chunk) => {
    text += chunk;
  });
  response.on('error', () => {});
  return { response, text: () => text, leave: () => request.destroy() };
}

const untilAborted: Write = async ({ signal }) => {
  if (!signal.aborted) await once(signal, 'abort');
};

describe('an event stream', () => {
  test('sends named events with ids, data as one line, and ends', async () => {
    await using test = await openTestApp(
      addEvents(async (events) => {
        await events.send('token', { text: 'two\nlines' }, '7');
        await events.send('done', {});
      }),
    );

    const response = await inject(test, { 'x-request-id': 'r-1' });

    expect(response.body).toBe(
      'id: 7\nevent: token\ndata: {"text":"two\\nlines"}\n\nevent: done\ndata: {}\n\n',
    );
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-request-id': 'r-1',
      'x-content-type-options': 'nosniff',
    });
  });

  test('a line break in an id or name cannot forge an event', async () => {
    await using test = await openTestApp(addEvents((events) => events.send('a\nb', 1, '1\n\nevent: forged')));

    expect((await inject(test)).body).toBe('id: 1  event: forged\nevent: a b\ndata: 1\n\n');
  });

  test('tells where a client left off', async () => {
    const seen: unknown[] = [];
    await using test = await openTestApp(addEvents(async ({ lastEventId }) => void seen.push(lastEventId)));

    await inject(test, { 'last-event-id': '41' });
    await inject(test);

    expect(seen).toEqual(['41', undefined]);
  });

  test('an error becomes its last event, as a problem that leaks nothing', async () => {
    await using test = await openTestApp(
      addEvents(async (events) => {
        await events.send('token', 1);
        throw new TypeError('secret');
      }),
    );

    const { body } = await inject(test);

    expect(body).toMatch(/event: token\ndata: 1\n\nevent: error\ndata: \{.*"code":"INTERNAL".*\}\n\n$/);
    expect(body).not.toContain('secret');
    expect(test.lines).toContainEqual(expect.objectContaining({ level: 'error', msg: 'request failed' }));
  });

  test('errors before it begins are ordinary answers', async () => {
    await using test = await openTestApp((app) => {
      app.get('/v1/events', { config: { scope: 'query' } }, async () => {
        throw new ServiceError('CRAWL_NOT_FOUND');
      });
    });

    expect((await inject(test)).statusCode).toBe(404);
  });

  test('that begins with its first event answers an error before it in the ordinary way, and a later one in the stream', async () => {
    const begin = 'first-event';
    await using early = await openTestApp(
      addEvents(() => Promise.reject(new ServiceError('CRAWL_NOT_FOUND')), { begin }),
    );
    await using late = await openTestApp(
      addEvents(
        async (events) => {
          await events.send('token', 1);
          throw new ServiceError('CRAWL_NOT_FOUND');
        },
        { begin },
      ),
    );

    expect((await inject(early)).statusCode).toBe(404);
    expect(await inject(late)).toMatchObject({
      statusCode: 200,
      body: expect.stringMatching(/^event: token\ndata: 1\n\nevent: error\ndata: .*"CRAWL_NOT_FOUND"/),
    });
  });

  test('that begins after the deadline leaves the 504 as it is', async () => {
    const sent = Promise.withResolvers<void>();
    await using test = await openTestApp(
      addEvents(
        async (events) => {
          await vi.waitFor(() => expect(test.lines).toContainEqual(expect.objectContaining({ status: 504 })));
          await events.send('late', 1);
          sent.resolve();
        },
        { begin: 'first-event' },
      ),
    );

    const response = await inject(test, { 'x-request-timeout-ms': '20' });
    await sent.promise;

    expect(response.statusCode).toBe(504);
    expect(test.app.openStreams.size).toBe(0);
    expect(test.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('beats while nothing happens, so that proxies keep it open', async () => {
    await using test = await openTestApp(addEvents(untilAborted, { heartbeatMs: 5 }));
    const client = await connect(test);

    await vi.waitFor(() => expect(client.text()).toMatch(/^(: alive\n\n){3}/));
    client.leave();
  });

  test('ends its writer when the client leaves, without an error in the log', async () => {
    const signals: AbortSignal[] = [];
    await using test = await openTestApp(
      addEvents(async (events) => {
        signals.push(events.signal);
        await untilAborted(events);
        await events.send('late', 1);
        throw events.signal.reason;
      }),
    );
    const client = await connect(test);
    await vi.waitFor(() => expect(signals).toHaveLength(1));

    client.leave();

    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
    await vi.waitFor(() => expect(test.app.openStreams.size).toBe(0));
    expect(test.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('waits for a client that reads slowly, instead of filling the memory', async () => {
    let sent = 0;
    await using test = await openTestApp(
      addEvents(async (events) => {
        for (; sent < 400; sent++) await events.send('chunk', 'x'.repeat(64 * 1024));
      }),
    );
    const client = await connect(test);
    const ended = once(client.response, 'end');
    client.response.pause();

    // The buffers of both sockets fill up, and then nothing moves.
    let before = -1;
    await vi.waitFor(
      () => {
        const isStill = sent === before && sent > 0;
        before = sent;
        expect(isStill).toBe(true);
      },
      { interval: 100, timeout: 5000 },
    );
    expect(sent).toBeLessThan(400);
    client.response.resume();

    await ended;
    expect(sent).toBe(400);
  });

  test('drops a client that takes nothing any more', async () => {
    let outcome: string | undefined;
    await using test = await openTestApp(
      addEvents(
        async (events) => {
          while (!events.signal.aborted) await events.send('chunk', 'x'.repeat(64 * 1024));
          outcome = 'dropped';
        },
        { stallMs: 50 },
      ),
    );
    const client = await connect(test);
    client.response.pause();

    await vi.waitFor(() => expect(outcome).toBe('dropped'), { timeout: 5000 });
    client.leave();
  });

  test("ends when the client's deadline has passed", async () => {
    await using test = await openTestApp(
      addEvents(async ({ signal }) => {
        await once(signal, 'abort');
        throw signal.reason;
      }),
    );

    const { body } = await inject(test, { 'x-request-timeout-ms': '20' });

    expect(body).toMatch(/^event: error\ndata: .*"code":"DEADLINE_EXCEEDED"/);
  });

  test('without an end is ended by a stop; an answer in the making is not', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await using test = await openTestApp((app) => {
      addEvents(untilAborted)(app);
      const write: Write = async (events) => {
        await finished;
        await events.send('done', 1);
      };
      app.get('/v1/answer', { config: { scope: 'query' } }, (request, reply) =>
        streamEvents(request, reply, write, { onStop: 'finish' }),
      );
    });
    const client = await connect(test);
    const answer = fetch(`${test.app.listeningOrigin}/v1/answer`, { headers: test.auth });
    await vi.waitFor(() => expect(test.app.openStreams.size).toBe(2));

    const ended = once(client.response, 'end');
    const closed = test.app.close();
    await ended;
    expect(test.app.openStreams.size).toBe(1);
    finish();

    expect(await (await answer).text()).toBe('event: done\ndata: 1\n\n');
    await closed;
  });
});

describe('a stream of data alone', () => {
  const toErrorData = ({ code }: ServiceError) => ({ error: code });
  type Send = (data: object) => Promise<void>;

  function addData(write: (send: Send) => Promise<void>): (app: App) => void {
    return (app) => {
      app.get('/v1/events', { config: { scope: 'query' } }, (request, reply) =>
        streamData(request, reply, write, toErrorData),
      );
    };
  }

  test('has events without names and ends with [DONE]', async () => {
    await using test = await openTestApp(addData((send) => send({ text: 'two\nlines' })));

    const response = await inject(test);

    expect(response.body).toBe('data: {"text":"two\\nlines"}\n\ndata: [DONE]\n\n');
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  test('ends with an error in its own form and without [DONE]', async () => {
    await using test = await openTestApp(
      addData(async (send) => {
        await send({ text: 'a' });
        throw new ServiceError('OVERLOADED');
      }),
    );

    expect((await inject(test)).body).toBe('data: {"text":"a"}\n\ndata: {"error":"OVERLOADED"}\n\n');
  });

  test('answers an error before the first event in the ordinary way', async () => {
    await using test = await openTestApp(addData(() => Promise.reject(new ServiceError('OVERLOADED'))));

    expect((await inject(test)).statusCode).toBe(503);
  });
});
