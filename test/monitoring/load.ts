import type { TestSite } from '@xnai/testing';
import type { Stack } from '../support/stack.ts';

/** A little of all that the figures speak of: documents, questions, a crawl, an order to a breaker. */
export async function putLoadOn({ api }: Stack, site: TestSite): Promise<void> {
  const content = '# Heron\n\nThe heron stands in the shallow water.';
  await api.rag.putDocument('birds', 'heron', { content, content_type: 'text/markdown' });
  await api.rag.search({ query: 'heron', collection: 'birds' });
  await api.rag.query({ query: 'Where does the heron stand?', collection: 'birds' });
  await api.rag.isolateBreaker('rerank', { reason: 'a test' });
  await api.rag.resetBreaker('rerank', { reason: 'the end of a test' });
  const { id } = await api.crawler.submitCrawl({ url: `${site.origin}/` });
  await api.endedCrawl(id);
}
