// Everything a fresh clone needs, by one plain script: it must run on Node 20 before anything is installed.
import { installChromium } from './setup/chromium.mjs';
import { requirePlatform } from './setup/platform.mjs';
import { installRedis } from './setup/redis.mjs';
import { SetupError } from './setup/report.mjs';
import { installWorkspace } from './setup/workspace.mjs';

try {
  requirePlatform();
  await installWorkspace();
  await installRedis();
  await installChromium();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = 1;
}
