import { openParent } from '@xnai/service/parent';
import type { Page } from 'playwright-core';
import { launchChromium } from './launch-chromium.ts';
import type { BrowserProbe, ProbeRequest } from './probe.ts';
import { DEFAULT_RENDER_CAPS } from './render-options.ts';
import { takeSnapshot } from './take-snapshot.ts';

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
  if (failure !== undefined) return { kind: 'broken', why: failure };
  return { kind: 'ready', settings: { executable, isSandboxed: false }, why: problem };
}

/** The discard port (RFC 863): a probe fetches nothing, so that it needs no egress proxy. */
const NO_EGRESS = { port: 9 };
/** For laying out one line, on a busy machine. */
const PAGE_MS = 10_000;

/** A script writes a line, which has a height only once its text has been laid out. */
const PAGE = `<!doctype html><p id=line></p><script>
const line = document.getElementById('line');
line.textContent = 'The probe wrote ' + (20 + 22);
line.title = String(line.getBoundingClientRect().height > 0);
</script>`;

/** Lets the browser do what rendering needs: lay out text, run a script, take a snapshot. Returns the problem, if any. */
async function tryOut(request: ProbeRequest, isSandboxed: boolean): Promise<string | undefined> {
  try {
    await using chromium = await launchChromium({ ...request, isSandboxed, egress: NO_EGRESS });
    const page = await chromium.browser.newPage();
    const crash = new Promise<never>((_, reject) => {
      page.once('crash', () => reject(new Error('the process of its page crashed while it laid out text')));
    });
    const snapshot = await Promise.race([snapshotOf(page), crash]);
    return /title="true">The probe wrote 42</.test(snapshot)
      ? undefined
      : 'it did not run a script or lay out text';
  } catch (error) {
    return reasonIn((error as Error).message);
  }
}

async function snapshotOf(page: Page): Promise<string> {
  await page.setContent(PAGE, { timeout: PAGE_MS });
  const cdp = await page.context().newCDPSession(page);
  return (await takeSnapshot(cdp, DEFAULT_RENDER_CAPS)).toString('utf8');
}

/** Playwright's message holds everything that Chromium printed; one of its lines names the reason. */
function reasonIn(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const telling = lines.find(
    (line) => /FATAL|No usable sandbox|Failed|error/i.test(line) && !/<launched>|trying to kill/.test(line),
  );
  return (telling ?? lines[0] ?? '').slice(0, 300);
}
