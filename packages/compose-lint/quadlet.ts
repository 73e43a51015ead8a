import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { toUnits } from './src/quadlet/units.ts';

// npm run quadlet -- FOLDER [OVERLAY...]: the stack of compose.yaml as Quadlet units.
const [folder, ...overlays] = process.argv.slice(2);

if (folder === undefined || folder.startsWith('-')) {
  console.log(`npm run quadlet -- FOLDER [OVERLAY...]: writes the stack of compose/compose.yaml as Quadlet units for systemd,
with the settings of .env; for your user, FOLDER is ~/.config/containers/systemd. Units that it wrote before are replaced.`);
  process.exitCode = folder === '--help' ? 0 : 2;
} else {
  const settings = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const units = toUnits(['compose/compose.yaml', ...overlays], settings);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((one) => one.startsWith('xnai-'))) rmSync(join(folder, name));
  for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
  console.log(`${Object.keys(units).length} units in ${folder}. Start them:
  systemctl --user daemon-reload && systemctl --user start xnai-crawler xnai-rag xnai-redis xnai-models xnai-secrets`);
}
