import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findCommand, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { report } from './report.mjs';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const APT = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::http::Timeout=20'];
const INSTALL = [...APT, '--no-install-recommends', 'install', 'chromium'];
const ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

/**
 * A browser for the pages that are empty without their scripts. It is 113 MB to load and 414 MB on the disk, and
 * crawls do without one and say so: nobody waits for it. The install goes on beside the start, and the crawler finds
 * it when it is there. Only a CI run, whose tests need it, waits. XNAI_BROWSER=off: none of this.
 */
export async function installChromium() {
  if (process.env['XNAI_BROWSER'] === 'off' || process.env['CRAWL_CHROMIUM'] || hasBrowser()) return;
  if (process.getuid?.() !== 0 || !findCommand('apt-get')) {
    report('no browser here: single-page apps are crawled without one. To have it, install chromium');
    return;
  }
  await withLock('chromium', async () => {
    if (hasBrowser()) return;
    if (process.env['CI']) return installNow();
    report('installing chromium from the distribution in the background (XNAI_BROWSER=off: without)');
    const command = `apt-get ${INSTALL.join(' ')} || { apt-get ${APT.join(' ')} update && apt-get ${INSTALL.join(' ')}; }`;
    spawn('sh', ['-c', command], { detached: true, stdio: 'ignore', env: ENV }).unref();
  });
}

async function installNow() {
  report('installing chromium from the distribution');
  let result = await run('apt-get', INSTALL, { env: ENV });
  if (result.code !== 0) {
    await run('apt-get', [...APT, 'update'], { env: ENV });
    result = await run('apt-get', INSTALL, { env: ENV });
  }
  if (result.code !== 0)
    report(`chromium could not be installed: ${result.output.trim().split('\n').at(-1)}`);
}

function hasBrowser() {
  return existsSync('/usr/lib/chromium/chromium') || BROWSERS.some((browser) => findCommand(browser));
}
