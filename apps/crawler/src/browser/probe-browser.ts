import { launchChromium } from './launch-chromium.ts';

/** What a crawl's process needs to know to start the browser. */
export interface BrowserSettings {
  readonly executable: string;
  readonly isSandboxed: boolean;
}

export type BrowserProbe =
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'ready'; readonly settings: BrowserSettings; readonly why?: string };

/** Nobody listens there: a probe has nothing to fetch. */
const NOWHERE = { port: 9 };

/**
 * Starts the browser once as crawls will, and lets it run a script: first inside of its own sandbox, and where the
 * kernel does not allow that, without. `why` says what stood in the way.
 */
export async function probeBrowser(executable: string, workDir: string): Promise<BrowserProbe> {
  // Chromium has no sandbox for root; it would only print so and end.
  const problem =
    process.getuid?.() === 0 ? 'Chromium has no sandbox for root' : await tryOut(executable, true, workDir);
  if (problem === undefined) return { kind: 'ready', settings: { executable, isSandboxed: true } };
  const failure = await tryOut(executable, false, workDir);
  if (failure !== undefined) return { kind: 'absent', why: failure };
  return { kind: 'ready', settings: { executable, isSandboxed: false }, why: problem };
}

/** Why it does not work; undefined when it does. */
async function tryOut(
  executable: string,
  isSandboxed: boolean,
  workDir: string,
): Promise<string | undefined> {
  try {
    await using chromium = await launchChromium({ executable, isSandboxed, egress: NOWHERE, workDir });
    const page = await chromium.browser.newPage();
    const sum = await page.evaluate('20 + 22');
    return sum === 42 ? undefined : 'it ran a script and got it wrong';
  } catch (error) {
    return reasonIn((error as Error).message);
  }
}

/** Playwright's message holds all that Chromium printed; one line says why. */
function reasonIn(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const telling = lines.find(
    (line) => /FATAL|No usable sandbox|Failed|error/i.test(line) && !/<launched>/.test(line),
  );
  return (telling ?? lines[0] ?? '').slice(0, 300);
}
