import type { FetchResponse } from '@xnai/egress';
import type { Request } from 'playwright-core';
import { isPageFailure } from '../page-failure.ts';
import type { RenderOptions } from './render-options.ts';

const MAX_REDIRECTS = 5;
/** What a page's own request says of the connection, or what the fetcher says itself. */
const NOT_PASSED_ON = /^(:.*|host|connection|content-.*|proxy-.*|accept-encoding|user-agent)$/;

/** Reads a part of a page from private origins; the browser itself follows a redirect that leads out of them. */
export async function loadPrivate(
  request: Request,
  from: string,
  { load, isPrivate, signal }: Pick<RenderOptions, 'load' | 'isPrivate'> & { readonly signal: AbortSignal },
): Promise<FetchResponse | undefined> {
  const own = Object.entries(await request.allHeaders()).filter(([name]) => !NOT_PASSED_ON.test(name));
  let url = request.url();
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    // Another origin gets nothing that a script has put in, since the browser asks it for no leave.
    const isOwn = new URL(url).origin === new URL(from).origin;
    const headers = Object.fromEntries(own.filter(([name]) => isOwn || name === 'accept'));
    const part = await load(url, { from, headers, signal }).catch(ignoreUnlessTooLarge);
    const location = part?.status !== undefined && part.status < 400 ? part.headers['location'] : undefined;
    const next = typeof location === 'string' ? URL.parse(location, url)?.href : undefined;
    if (next === undefined || !isPrivate(next)) return part;
    url = next;
  }
  return undefined;
}

function ignoreUnlessTooLarge(error: unknown): undefined {
  if (isPageFailure(error) && error.code === 'too-large') throw error;
}
