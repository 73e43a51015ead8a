// Installs everything that a fresh clone needs. It runs on Node 20 before anything is installed.
import { SetupError } from './setup/command.mjs';
import { buildConsole } from './setup/console.mjs';
import { installChromium, installRedis } from './setup/packages.mjs';
import { installWorkspace } from './setup/workspace.mjs';

const OLDEST_NODE = 20;
/** The stack's own Node is an npm package, which exists for these platforms. */
const PLATFORMS = ['linux-x64', 'linux-arm64'];

try {
  requirePlatform();
  await installWorkspace();
  await buildConsole();
  await installRedis();
  await installChromium();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}

function requirePlatform() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new SetupError(
      `Node ${OLDEST_NODE} or newer is needed for the set-up; ${process.execPath} is ${process.version}. ` +
        'Install a newer one (https://nodejs.org), then run the same command again.',
    );
  }
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new SetupError(`this runs on ${PLATFORMS.join(' and ')}, but this machine is ${platform}.`);
  }
}
