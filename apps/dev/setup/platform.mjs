import { SetupError } from './report.mjs';

const OLDEST_NODE = 20;

/** The stack's own Node comes as an npm package, which exists for these two platforms. */
const PLATFORMS = ['linux-x64', 'linux-arm64'];

export function requirePlatform() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new SetupError(
      `Node ${OLDEST_NODE} or newer is needed to begin with; ${process.execPath} is ${process.version}. ` +
        'Install a newer one (https://nodejs.org), then type the same command again.',
    );
  }
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new SetupError(`this runs on ${PLATFORMS.join(' and ')}; this machine is ${platform}.`);
  }
}
