import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { expect, test } from 'vitest';
import { runProbe } from './probe.ts';
import { executable, openPageLab } from './testing/page-lab.ts';

/** A third build beside those of Debian, which this machine has or can install, and whose libraries it needs. */
const hasLibraries = process.arch === 'x64' && executable !== undefined;
const PACKED = new URL('../bin/chromium.br', import.meta.resolve('@sparticuz/chromium'));

test.skipIf(!hasLibraries)(
  'a build of Chromium from npm passes the probe, and renders a page with a script',
  {
    timeout: 180_000,
  },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'xnai-build-'));
    const file = join(folder, 'chromium');
    try {
      await pipeline(
        createReadStream(PACKED),
        createBrotliDecompress(),
        createWriteStream(file, { mode: 0o700 }),
      );
      process.stderr.write(`tested here: ${versionOf(executable ?? '')}; from npm: ${versionOf(file)}\n`);
      const request = { executable: file, workDir: join(folder, 'probe') };
      const probe = await runProbe(request, new AbortController().signal);
      if (probe.kind !== 'ready') throw new Error(`it is ${probe.kind}: ${probe.why}`);
      await using lab = await openPageLab(probe.settings);
      lab.pages['/text'] =
        '<main><p id=line></p></main><script>line.textContent = "Six times seven is " + 6 * 7 + "."</script>';
      expect(await lab.see('/text')).toContain('Six times seven is 42.');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

function versionOf(file: string): string {
  return execFileSync(file, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 30_000 }).trim();
}
