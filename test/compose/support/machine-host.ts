import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Host, openHost } from '@xnai/ops';

const script = fileURLToPath(new URL('../machine/machine.sh', import.meta.url));
const folder = process.env['LAB'] ?? '/var/tmp/xnai-podman-machine';
/** Programs that must see the machine from within. */
const PROGRAMS = ['podman', 'pgrep'];

/** A machine as `@xnai/ops` looks at one: its files from outside, its programs run inside as the user. */
export function openMachineHost(uid: number, env: Readonly<Record<string, string>> = {}): Host & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'xnai-machine-programs-'));
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  for (const program of PROGRAMS) {
    const command = `LAB=${folder} LAB_UID=${uid} LAB_ENV='${variables.join(' ')}' LAB_CWD=/home/lab${uid}/xnai exec ${script} user ${program} "$@"`;
    writeFileSync(join(path, program), `#!/bin/bash\nPATH=${process.env['PATH']}\n${command}\n`);
    chmodSync(join(path, program), 0o755);
  }
  const host = openHost({
    root: join(folder, 'machine'),
    env: { PATH: path, XDG_RUNTIME_DIR: `/run/user/${uid}`, ...env },
    user: { uid, name: `lab${uid}` },
  });
  return { ...host, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
