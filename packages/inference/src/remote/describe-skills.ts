import type { ModelRole } from '../model.ts';
import type { ProbedServer } from './probe-server.ts';

/** One sentence for people: what the server does for us, and what is done without it. */
export function describeSkills(role: ModelRole, { info, can }: ProbedServer): string {
  switch (role) {
    case 'generate': {
      const tokens = can.counts ? 'tokens are counted by the server' : 'tokens are estimated';
      const schema = can.holdsSchema ? 'answers are held to JSON schemas' : 'JSON schemas are refused';
      return `${info.contextTokens} tokens; ${tokens}; ${schema}`;
    }
    case 'embed': {
      const { query = '', document = '' } = info.embedding?.prefixes ?? {};
      return `${info.dimensions} dimensions; prefix of queries: ${show(query)}, of documents: ${show(document)}`;
    }
    case 'rerank':
      return can.scoresAreLogits ? 'scores are brought to 0 to 1' : 'scores from 0 to 1';
  }
}

function show(prefix: string): string {
  return prefix === '' ? 'none' : JSON.stringify(prefix);
}
