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

/** What a page shows, as far as it takes to tell whether it has changed. */
export interface Shown {
  readonly state: string;
  /** Number of letters, those in shadow roots included. */
  readonly letters: number;
}

/** Looks at the page once its scripts are idle. */
export async function lookWhenIdle(cdp: CDPSession): Promise<Shown> {
  const contextId = await openWorld(cdp);
  const { result } = await cdp.send('Runtime.evaluate', {
    expression: LOOK,
    contextId,
    awaitPromise: true,
    returnByValue: true,
  });
  const [elements, letters] = result.value as [number, number];
  return { state: `${elements} ${letters}`, letters };
}

/** The document and every open shadow root below it. */
const ROOTS = `const rootsOf = (start) => {
  const roots = [start];
  for (const root of roots)
    for (const element of root.querySelectorAll('*')) if (element.shadowRoot) roots.push(element.shadowRoot);
  return roots;
};`;

const LOOK = `new Promise((done) => setTimeout(() => requestIdleCallback(done, { timeout: 300 }))).then(() => {
  ${ROOTS}
  let [elements, letters] = [0, document.body?.innerText.trim().length ?? 0];
  for (const root of rootsOf(document)) {
    elements += root.querySelectorAll('*').length;
    if (root !== document) letters += root.textContent.trim().length;
  }
  for (const frame of document.querySelectorAll('iframe'))
    try { letters += frame.contentDocument?.body?.innerText.trim().length ?? 0; } catch {}
  return [elements, letters];
})`;

async function openWorld(cdp: CDPSession): Promise<number> {
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const { executionContextId } = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  return executionContextId;
}

/**
 * Puts the content of the page's own frames in their places, counts before it copies (the length of all text, and the
 * number of nodes, which bounds the tags), and writes open shadow roots as declarative ones.
 */
const READ = `(maxNodes, maxLength) => {
  ${ROOTS}
  const absorb = (page, depth) => {
    for (const root of rootsOf(page)) for (const frame of root.querySelectorAll('iframe, frame')) {
      let inner = null;
      try { inner = frame.contentDocument; } catch {}
      if (!inner?.body || depth > 3) continue;
      absorb(inner, depth + 1);
      for (const link of inner.querySelectorAll('a[href]')) link.setAttribute('href', link.href);
      const box = document.createElement('div');
      while (inner.body.firstChild) box.append(inner.body.firstChild);
      frame.replaceWith(box);
    }
  };
  absorb(document, 0);
  const roots = rootsOf(document);
  let nodes = 0;
  let length = 0;
  for (const root of roots) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
    while (walker.nextNode()) {
      nodes += 1;
      length += walker.currentNode.nodeValue?.length ?? 0;
      if (nodes > maxNodes || length > maxLength) return null;
    }
  }
  const page = document.documentElement;
  const doctype = document.doctype === null ? '' : '<!doctype html>';
  const inner = page?.getHTML?.({ shadowRoots: roots.slice(1) });
  const tag = page?.cloneNode(false).outerHTML.slice(0, -'</html>'.length);
  const html = doctype + (inner === undefined ? (page?.outerHTML ?? '') : tag + inner + '</html>');
  return html.length > maxLength ? null : html;
}`;
