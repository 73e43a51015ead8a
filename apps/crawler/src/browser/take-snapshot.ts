import { FetchError } from '@xnai/egress';
import type { CDPSession } from 'playwright-core';
import { PageError } from '../page-error.ts';
import type { RenderCaps } from './render-options.ts';

/**
 * The page's document as HTML in UTF-8. It is read in an isolated world, whose functions the page's scripts cannot
 * replace.
 *
 * @throws {FetchError} `too-large` when the page exceeds a cap
 * @throws {PageError} `render-failed` when it cannot be read
 */
export async function takeSnapshot(
  cdp: CDPSession,
  { maxNodes, maxLength }: Pick<RenderCaps, 'maxNodes' | 'maxLength'>,
): Promise<Buffer> {
  const executionContextId = await openWorld(cdp);
  const { result } = await cdp.send('Runtime.callFunctionOn', {
    functionDeclaration: READ,
    executionContextId,
    arguments: [{ value: maxNodes }, { value: maxLength }],
    returnByValue: true,
  });
  if (result.value === null) throw new FetchError('too-large', { retryable: false });
  if (typeof result.value !== 'string') throw new PageError('render-failed');
  return Buffer.from(result.value, 'utf8');
}

/** Waits until the page's scripts are idle. */
export async function untilIdle(cdp: CDPSession): Promise<void> {
  const contextId = await openWorld(cdp);
  await cdp.send('Runtime.evaluate', { expression: IDLE, contextId, awaitPromise: true });
}

const IDLE = 'new Promise((done) => setTimeout(() => requestIdleCallback(done, { timeout: 300 })))';

async function openWorld(cdp: CDPSession): Promise<number> {
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const { executionContextId } = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  return executionContextId;
}

/** Counts before it copies: the length of all text, and the number of nodes, which bounds the tags. */
const READ = `(maxNodes, maxLength) => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let nodes = 0;
  let length = 0;
  while (walker.nextNode()) {
    nodes += 1;
    length += walker.currentNode.nodeValue?.length ?? 0;
    if (nodes > maxNodes || length > maxLength) return null;
  }
  const doctype = document.doctype === null ? '' : '<!doctype html>';
  const html = doctype + (document.documentElement?.outerHTML ?? '');
  return html.length > maxLength ? null : html;
}`;
