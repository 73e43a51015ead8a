import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { toUnits } from './src/quadlet/units.ts';
import { writeUnits } from './src/quadlet/write-units.ts';

// npm run quadlet -- FOLDER [OVERLAY...]: the stack of compose.yaml as Quadlet units.
const [folder, ...overlays] = process.argv.slice(2);

if (folder === undefined || folder.startsWith('-')) {
  console.log(`npm run quadlet -- FOLDER [OVERLAY...]: writes the stack of compose/compose.yaml as Quadlet units for systemd,
with the settings of .env; for your user, FOLDER is ~/.config/containers/systemd. Units that it wrote before are replaced;
other files stay.`);
  process.exitCode = folder === '--help' ? 0 : 2;
} else {
  const settings = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const units = toUnits(['compose/compose.yaml', ...overlays], settings);
  try {
    writeUnits(folder, units);
    console.log(`${Object.keys(units).length} units in ${folder}. Start them:
  systemctl --user daemon-reload && systemctl --user start ${servicesOf(units).join(' ')}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

function servicesOf(units: object): readonly string[] {
  return Object.keys(units).flatMap((name) => /^(.+)\.container$/.exec(name)?.[1] ?? []);
}
