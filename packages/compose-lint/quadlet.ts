import { existsSync, readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { Hosts } from './src/quadlet/hosts.ts';
import { toUnits } from './src/quadlet/units.ts';
import { writeUnits } from './src/quadlet/write-units.ts';

const USAGE = `npm run quadlet -- FOLDER [OVERLAY...]: writes the stack of compose/compose.yaml as Quadlet units for systemd,
with the settings of .env; for your user, FOLDER is ~/.config/containers/systemd. Units that it wrote before are replaced;
other files stay.
  --stack FILE               another compose file in its place, such as compose/scale.yaml
  --hosts FILE --host NAME   the units of one of several hosts; FILE (YAML) has of each its address and services`;

const options = {
  help: { type: 'boolean' },
  stack: { type: 'string', default: 'compose/compose.yaml' },
  hosts: { type: 'string' },
  host: { type: 'string' },
} as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [folder, ...overlays] = positionals;
  if (values.help || folder === undefined || (values.hosts === undefined) !== (values.host === undefined)) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
  } else write(folder, [values.stack, ...overlays], values);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function write(
  folder: string,
  files: readonly string[],
  { hosts, host }: { hosts?: string; host?: string },
): void {
  const settings = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const on = hosts === undefined || host === undefined ? undefined : { hosts: readHosts(hosts), host };
  const units = toUnits(files, settings, on);
  writeUnits(folder, units);
  console.log(`${Object.keys(units).length} units in ${folder}. Start them:
  systemctl --user daemon-reload && systemctl --user start ${servicesOf(units).join(' ')}`);
}

function readHosts(file: string): Hosts {
  const { success, data, error } = Hosts.safeParse(parse(readFileSync(file, 'utf8')));
  if (success) return data;
  throw new Error(`${file}: expected of each host its address and services\n${z.prettifyError(error)}`);
}

function servicesOf(units: object): readonly string[] {
  return Object.keys(units).flatMap((name) => /^(.+)\.container$/.exec(name)?.[1] ?? []);
}
