import { once } from 'node:events';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { CrawlClient, RagClient } from '@xnai/contracts/client';
import { createMcpServer } from './mcp-server.ts';
import { crawlTools } from './tools/crawl-tools.ts';
import { ragTools } from './tools/rag-tools.ts';

export interface StdioOptions {
  readonly rag: RagClient;
  readonly crawler: CrawlClient;
  readonly signal: AbortSignal;
}

/** Serves the tools of both services on standard input and output, until the input ends or the signal is aborted. */
export async function serveMcpOverStdio({ rag, crawler, signal }: StdioOptions): Promise<void> {
  const tools = [...ragTools(rag), ...crawlTools(crawler)];
  const handle = serveStdio(() => createMcpServer({ title: 'Xoe-NovAi', tools, documents: rag }));
  await Promise.race([once(process.stdin, 'close'), once(signal, 'abort')]);
  await handle.close();
}
