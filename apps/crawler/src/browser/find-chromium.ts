import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
/** The binary that Debian's `chromium` starts: a shell script, which adds flags for a desktop. */
const DEBIAN = '/usr/lib/chromium/chromium';

/** The Chromium to use: the given one, the distribution's, or Playwright's own; undefined when there is none. */
export function findChromium(given: string | undefined, path: string): string | undefined {
  if (given !== undefined) return isExecutable(given) ? given : undefined;
  const onPath = NAMES.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return [DEBIAN, ...onPath, ...playwrightsOwn()].find(isExecutable);
}

/** Where `npx playwright install chromium` puts it: the newest first. */
function playwrightsOwn(): string[] {
  // biome-ignore lint/style/noProcessEnv: Playwright's variable, not one of this service's.
  const root = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache/ms-playwright');
  try {
    const builds = readdirSync(root).filter((name) => /^chromium-\d+$/.test(name));
    const newestFirst = builds.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
    return newestFirst.flatMap((name) =>
      ['chrome-linux64', 'chrome-linux'].map((folder) => join(root, name, folder, 'chrome')),
    );
  } catch {
    // Playwright has installed none.
    return [];
  }
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
