import { probeBrowser } from './probe-browser.ts';

/** The process of one probe: the service itself never loads what drives a browser. */

export interface ProbeRequest {
  readonly executable: string;
  readonly workDir: string;
}

process.on('disconnect', () => process.exit(1));
process.once('message', async ({ executable, workDir }: ProbeRequest) => {
  const probe = await probeBrowser(executable, workDir);
  process.send?.(probe, () => process.exit(0));
});
