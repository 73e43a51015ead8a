import { article } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  stack.site.pages['/'] = article('Home', ['/one', '/two', '/missing']);
  stack.site.pages['/one'] = article('One');
  stack.site.pages['/two'] = article('Two');
});

afterAll(() => stack?.[Symbol.asyncDispose]());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  stack.crawler.request('POST', '/v1/crawls', { body, headers });
const site = () => `${stack.site.origin}/`;

describe('POST /v1/crawls', () => {
  it('accepts a crawl and says where it is', async () => {
    const answer = await post({ url: site() });
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/v1/crawls/${answer.body.id}` },
      body: { status: 'queued', url: site(), collection: 'default' },
    });
  });

  it('is not changed by a generous deadline', async () => {
    expect((await post({ url: site() }, { 'x-request-timeout-ms': '30000' })).status).toBe(202);
  });

  it('answers 504 at a short deadline that passes while it waits for Redis', async () => {
    const { client } = stack.redis;
    await client.call('CLIENT', 'PAUSE', '10000', 'WRITE');
    const late = await post({ url: site() }, { 'x-request-timeout-ms': '40' });
    await client.call('CLIENT', 'UNPAUSE');
    expect(late).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  });

  it.each([
    [{}, 'url'],
    [{ url: 7 }, 'url'],
    [{ url: '' }, 'url'],
    [{ url: 'ftp://example.org/' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: 'example.org' }, 'url'],
    [{ url: 'http://user:secret@example.org/' }, 'url'],
    [{ url: 'http:\\\\example.org\\' }, 'url'],
    [{ url: 'http://exa mple.org/' }, 'url'],
    [{ url: `http://example.org/${'x'.repeat(3000)}` }, 'url'],
    [{ url: 'http://example.org/', limit: 0 }, 'limit'],
    [{ url: 'http://example.org/', limit: '5' }, 'limit'],
    [{ url: 'http://example.org/', limit: 10_001 }, 'limit'],
    [{ url: 'http://example.org/', collection: '../x' }, 'collection'],
    [{ url: 'http://example.org/', includePaths: ['('] }, 'includePaths'],
    [{ url: 'http://example.org/', sitemap: 'yes' }, 'sitemap'],
    [{ url: 'http://example.org/', render: 'sometimes' }, 'render'],
    [{ url: 'http://example.org/', webhook: { url: 'http://example.org', key: 'x' } }, 'key'],
    [{ url: 'http://example.org/', waitFor: 3_600_000 }, 'waitFor'],
    [{ url: 'http://example.org/', waitFor: 'main >' }, 'waitFor'],
    [{ url: 'http://example.org/', types: ['exe'] }, 'types'],
    [{ url: 'http://example.org/', nonsense: true }, 'nonsense'],
  ])('refuses %j and names the field', async (body, field) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION', status: 400 } });
    expect(JSON.stringify(answer.body.errors)).toContain(field);
    expect(JSON.stringify(answer.body)).not.toMatch(/at .*\.ts|node_modules|secret/);
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://localhost/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f000001/',
    'http://2130706433/',
  ])('refuses the target %s, which is not public', async (url) => {
    expect(await post({ url })).toMatchObject({
      status: 422,
      body: { code: 'TARGET_NOT_PUBLIC', detail: expect.stringContaining('CRAWL_ALLOWED_ORIGINS') },
    });
  });

  it('refuses bodies that are empty, no JSON, not UTF-8, of another type or too large', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await post('', json)).toMatchObject({ status: 400, body: { code: 'BODY_EMPTY' } });
    expect(await post('{"url":', json)).toMatchObject({ status: 400, body: { code: 'BODY_NOT_JSON' } });
    expect(await post(Buffer.from([0x7b, 0xff, 0x7d]), json)).toMatchObject({
      status: 400,
      body: { code: 'NOT_UTF8' },
    });
    expect(await post('url=x', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    const large = JSON.stringify({ url: `http://example.org/${'x'.repeat(2 * 1024 * 1024)}` });
    expect(await post(large, json)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });

  it('answers the same key and body with the first crawl, and refuses another body', async () => {
    const headers = { 'idempotency-key': 'nightly-1' };
    const first = await post({ url: site(), limit: 1, collection: 'idem' }, headers);
    expect(first.status).toBe(202);
    const second = await post({ collection: 'idem', limit: 1, url: site() }, headers);
    expect(second).toMatchObject({ status: 200, body: { id: first.body.id } });
    const other = await post({ url: site(), limit: 2, collection: 'idem' }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    await stack.crawler.finish(first.body.id);
    const later = await post({ url: site(), limit: 1, collection: 'idem' }, headers);
    expect(later).toMatchObject({ status: 200, body: { id: first.body.id, status: 'completed' } });
    expect(await post({ url: site() }, { 'idempotency-key': 'a b' })).toMatchObject({ status: 400 });
  });

  it('makes one crawl of the same request sent many times at once', async () => {
    const headers = { 'idempotency-key': 'race' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post({ url: site(), limit: 1 }, headers)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  });

  it('wants a key with the scope crawl', async () => {
    const answer = await post({ url: site() }, { authorization: 'Bearer nonsense' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  });
});

describe('reading crawls', () => {
  it('lists the newest first, page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await stack.crawler.submit({ url: site(), limit: 1 }));
    const first = await stack.crawler.request('GET', '/v1/crawls?limit=2');
    expect(first.body.crawls.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    const second = await stack.crawler.request('GET', `/v1/crawls?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body.crawls[0].id).toBe(ids[0]);
  });

  it('lists the pages of a crawl page by page, each once', async () => {
    const id = await stack.crawler.submit({ url: site(), sitemap: 'skip' });
    await stack.crawler.finish(id);
    const first = await stack.crawler.request('GET', `/v1/crawls/${id}/pages?limit=3`);
    const rest = await stack.crawler.request(
      'GET',
      `/v1/crawls/${id}/pages?limit=3&cursor=${first.body.next_cursor}`,
    );
    expect(rest.body.next_cursor).toBeNull();
    const urls = [...first.body.pages, ...rest.body.pages].map(
      ({ url }: { url: string }) => new URL(url).pathname,
    );
    expect(urls.sort()).toEqual(['/', '/missing', '/one', '/two']);
  });

  it.each(['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense', '..%2f..%2fx', '%00'])(
    'knows no crawl %s',
    async (id) => {
      for (const path of ['', '/pages', '/errors', '/events']) {
        const answer = await stack.crawler.request('GET', `/v1/crawls/${id}${path}`);
        expect(answer).toMatchObject({ status: 404, body: { code: 'CRAWL_NOT_FOUND' } });
      }
      expect(await stack.crawler.request('DELETE', `/v1/crawls/${id}`)).toMatchObject({ status: 404 });
    },
  );

  it('refuses cursors and limits that are none', async () => {
    const id = await stack.crawler.submit({ url: site(), limit: 1 });
    for (const query of ['cursor=x', 'limit=0', 'limit=1001', 'limit=x', 'other=1']) {
      const answer = await stack.crawler.request('GET', `/v1/crawls/${id}/pages?${query}`);
      expect(answer, query).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
      expect(await stack.crawler.request('GET', `/v1/crawls?${query}`)).toMatchObject({ status: 400 });
    }
  });
});

describe('GET /v1/crawls/{id}/events', () => {
  async function events(id: string, lastEventId?: string) {
    const response = await stack.crawler.app.inject({
      url: `/v1/crawls/${id}/events`,
      headers: {
        authorization: `Bearer ${stack.crawler.key}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    return response.body
      .split('\n\n')
      .filter((block) => block.includes('event: '))
      .map((block) => {
        const [, id, event, data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
        return { id, event, data: JSON.parse(data) };
      });
  }

  it('tells the whole crawl, and to one who comes back the rest', async () => {
    const id = await stack.crawler.submit({ url: site(), sitemap: 'skip', collection: 'events' });
    const all = await events(id);
    expect(all[0]).toMatchObject({ event: 'started', data: { id, url: site() } });
    expect(all.at(-1)).toMatchObject({
      event: 'finished',
      data: {
        id,
        status: 'completed_with_errors',
        stopReason: 'exhausted',
        counters: { indexed: 3, failed: 1 },
      },
    });
    const pages = all.filter(({ event }) => event === 'page').map(({ data }) => data);
    expect(pages.map(({ status }) => status).sort()).toEqual(['failed', 'indexed', 'indexed', 'indexed']);
    expect(all.some(({ event }) => event === 'progress')).toBe(true);

    const middle = all[2]?.id ?? '';
    expect(await events(id, middle)).toEqual(all.slice(3));
    expect(await events(id, all.at(-1)?.id)).toEqual([]);
    expect(await events(id, 'nonsense')).toEqual(all);
  });
});
