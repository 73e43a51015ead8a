import { findChromium } from './find-chromium.ts';
import { probeBrowser } from './probe-browser.ts';

/** The process of one probe: the service itself never loads what drives a browser. */

export interface ProbeRequest {
  readonly given: string | undefined;
  readonly path: string;
  readonly workDir: string;
}

process.on('disconnect', () => process.exit(1));
process.once('message', async ({ given, path, workDir }: ProbeRequest) => {
  const probe = await probeBrowser(findChromium(given, path), workDir);
  process.send?.(probe, () => process.exit(0));
});
