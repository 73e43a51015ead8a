import { openParent } from '@xnai/service/parent';
import { launchChromium } from './launch-chromium.ts';
import type { BrowserProbe, ProbeRequest } from './probe.ts';

/** The process of one probe. */

const parent = openParent<ProbeRequest, BrowserProbe>(async (request) => {
  await parent.send(await probeBrowser(request));
  process.exit(0);
});

/** Starts the browser as crawls do: first in its own sandbox and, where the kernel does not allow that, without. */
async function probeBrowser(request: ProbeRequest): Promise<BrowserProbe> {
  const { executable } = request;
  // Chromium has no sandbox for root; it would only print that and end.
  const problem = process.getuid?.() === 0 ? 'Chromium has no sandbox for root' : await tryOut(request, true);
  if (problem === undefined) return { kind: 'ready', settings: { executable, isSandboxed: true } };
  const failure = await tryOut(request, false);
  if (failure !== undefined) return { kind: 'absent', why: failure };
  return { kind: 'ready', settings: { executable, isSandboxed: false }, why: problem };
}

/** The discard port (RFC 863): a probe fetches nothing, so that it needs no egress proxy. */
const NO_EGRESS = { port: 9 };

/** Lets the browser run a script. Returns the problem, or undefined when it works. */
async function tryOut(request: ProbeRequest, isSandboxed: boolean): Promise<string | undefined> {
  try {
    await using chromium = await launchChromium({ ...request, isSandboxed, egress: NO_EGRESS });
    const page = await chromium.browser.newPage();
    const sum = await page.evaluate('20 + 22');
    return sum === 42 ? undefined : 'it ran a script and returned a wrong result';
  } catch (error) {
    return reasonIn((error as Error).message);
  }
}

/** Playwright's message holds everything that Chromium printed; one of its lines names the reason. */
function reasonIn(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const telling = lines.find(
    (line) => /FATAL|No usable sandbox|Failed|error/i.test(line) && !/<launched>/.test(line),
  );
  return (telling ?? lines[0] ?? '').slice(0, 300);
}
