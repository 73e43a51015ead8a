import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const scripts = fileURLToPath(new URL('../machine/', import.meta.url));

export interface RunOptions {
  /** Variables that the command sees besides those of its user. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** A host on which an unprivileged user runs Podman: a Debian of its own in namespaces, with this checkout in it. */
export interface Machine extends AsyncDisposable {
  /** Runs a command as the user, in the checkout. Never throws for an exit code. */
  run(command: readonly string[], options?: RunOptions): Promise<Finished>;
  /** The same as root of the machine. */
  runAsRoot(command: readonly string[], options?: RunOptions): Promise<Finished>;
}

const MiB = 1024 ** 2;

// What an earlier run left, also when it was cut off in a build. Images stay, but for those that newer builds have
// taken the place of: with their copies for each mapping of users they are some 3 GB a run. Those of the last hour are
// this run's, whose layers the next build takes over.
const CLEAN = [
  'podman pod rm -fa -t 0',
  'podman ps -aq --external | xargs -r podman rm -f -t 0',
  'podman image prune -f --filter until=1h',
  // Not `prune`, which takes another option in each version for volumes that have a name.
  'podman volume rm -fa',
  'podman network prune -f',
  'true',
].join('; ');
const CLEAN_TIMEOUT_MS = 600_000;

/** @param uid the host user: 1000 or 1001 */
export async function openMachine(uid: 1000 | 1001): Promise<Machine> {
  const user = { ...process.env, LAB_UID: String(uid) };
  const script = (name: string, args: readonly string[], env: NodeJS.ProcessEnv, timeoutMs: number) =>
    finish(run(`${scripts}${name}`, [...args], { env, timeout: timeoutMs, maxBuffer: 64 * MiB }));
  await must(script('machine.sh', ['stop'], user, 60_000));
  await must(script('setup.sh', [], user, 900_000));
  await must(copyCheckout(user));
  const home = `/home/lab${uid}/xnai`;
  const enter =
    (who: 'user' | 'root') =>
    (command: readonly string[], options: RunOptions = {}) => {
      const variables = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
      const env = { ...user, LAB_CWD: home, LAB_ENV: variables.join(' ') };
      return script('machine.sh', [who, ...command], env, options.timeoutMs ?? 120_000);
    };
  await must(enter('user')(['sh', '-c', CLEAN], { timeoutMs: CLEAN_TIMEOUT_MS }));
  return {
    run: enter('user'),
    runAsRoot: enter('root'),
    async [Symbol.asyncDispose]() {
      await must(script('machine.sh', ['stop'], user, 60_000));
    },
  };
}

/** What git knows of, and new files that it does not ignore: what a clone of the next commit would hold. */
function copyCheckout(env: NodeJS.ProcessEnv): Promise<Finished> {
  const command = `set -o pipefail
    git ls-files -z --cached --others --exclude-standard |
      tar --null --ignore-failed-read -T - -cf - 2>/dev/null |
      "$0machine.sh" root sh -c "rm -rf $1 && mkdir -p $1 && tar -C $1 --no-same-owner -xf - && chown -R $LAB_UID:$LAB_UID $1"`;
  const target = `/home/lab${env['LAB_UID']}/xnai`;
  return finish(run('bash', ['-c', command, scripts, target], { cwd: root, env, maxBuffer: 64 * MiB }));
}

async function finish(running: Promise<{ stdout: string; stderr: string }>): Promise<Finished> {
  try {
    const { stdout, stderr } = await running;
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '', killed } = error as Failure;
    return {
      code: typeof code === 'number' ? code : 124,
      output: `${stdout}${stderr}${killed ? '\n(timed out)' : ''}`,
    };
  }
}

interface Failure {
  readonly code?: number | string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly killed?: boolean;
}

async function must(finished: Promise<Finished>): Promise<void> {
  const { code, output } = await finished;
  if (code !== 0) throw new Error(`the Podman machine: exit code ${code}\n${output.slice(-4000)}`);
}
