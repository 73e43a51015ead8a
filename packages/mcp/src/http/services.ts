import { createCrawlClient, createRagClient } from '@xnai/contracts/client';
import type { App } from '@xnai/service';
import { crawlTools } from '../tools/crawl-tools.ts';
import { ragTools } from '../tools/rag-tools.ts';
import { addMcp } from './add-mcp.ts';

/** Of calls from inside, which go to no address. */
const baseUrl = 'http://localhost';

/** `/mcp` of rag: search, ask, documents. @param origins whose pages may use it, besides its own on this machine */
export function addRagMcp(app: App, origins: readonly string[]): void {
  addMcp(app, {
    scope: 'query',
    origins,
    content: (transport) => {
      const documents = createRagClient({ baseUrl, transport });
      return { title: 'Xoe-NovAi: documents', tools: ragTools(documents), documents };
    },
  });
}

/** `/mcp` of the crawler: crawls and single pages. @param origins as of rag */
export function addCrawlMcp(app: App, origins: readonly string[]): void {
  addMcp(app, {
    scope: 'crawl',
    origins,
    content: (transport) => ({
      title: 'Xoe-NovAi: crawler',
      tools: crawlTools(createCrawlClient({ baseUrl, transport })),
    }),
  });
}
