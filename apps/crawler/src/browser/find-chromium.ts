import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { isExecutable } from './is-executable.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
/** Debian's `chromium` is a shell script around this, which adds switches for people at a screen. */
const DEBIAN = '/usr/lib/chromium/chromium';

/** A Chromium to use: the given one, one of the distribution, or Playwright's own; undefined when there is none. */
export function findChromium(given: string | undefined, path: string): string | undefined {
  if (given !== undefined) return isExecutable(given) ? given : undefined;
  const onPath = NAMES.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return [DEBIAN, ...onPath, playwrightsOwn()].find((file) => file !== undefined && isExecutable(file));
}

/** Where `npx playwright install chromium` would have put it. */
function playwrightsOwn(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    // There is none for this system.
    return undefined;
  }
}
