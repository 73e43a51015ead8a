import { SCOPES } from '@xnai/service';

export interface WelcomeFacts {
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly dataDir: string;
  /** The variables that were set and say where the stack keeps its files. */
  readonly places: Readonly<Record<string, string>>;
  /** Only if this start created it. */
  readonly firstKey: string | undefined;
  /** One line for each missing component, with its effect. */
  readonly missing: readonly string[];
  readonly tookMs: number;
}

export function renderWelcome(facts: WelcomeFacts): string {
  const { ragUrl, crawlerUrl, dataDir, missing, tookMs } = facts;
  return `
Xoe-NovAi is up (${(tookMs / 1000).toFixed(1)} s).

  console  ${ragUrl}
  rag      ${ragUrl}   API: ${ragUrl}/docs
  crawler  ${crawlerUrl}   API: ${crawlerUrl}/docs
  data     ${dataDir}
${missing.map((line) => `  without  ${line}\n`).join('')}
${keyLines(facts)}
Start a crawl, list crawls with their progress, ask a question:

  curl -s ${crawlerUrl}/v1/crawls -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"url": "https://nodejs.org/api/", "limit": 50}'
  curl -s ${crawlerUrl}/v1/crawls -H "Authorization: Bearer $KEY"
  curl -s ${ragUrl}/v1/query -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"query": "How do I read a file?"}'

Ctrl-C stops everything.
`;
}

function keyLines({ firstKey, places }: WelcomeFacts): string {
  if (firstKey === undefined) {
    const settings = Object.entries(places).map(([name, value]) => `${name}=${toWord(value)} `);
    return `  KEY=<your API key>   (to create one: ${settings.join('')}npm run keys -- create --scopes ${SCOPES.join(',')})
`;
  }
  return `The API key, with all scopes. It is shown only once:

  KEY=${firstKey}
`;
}

/** As a shell reads it. */
function toWord(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
