import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { ModelLog } from '../model.ts';

/** A process for one model. `env` is added to this process's environment. */
export function startChild(env: Readonly<Record<string, string>>, log: ModelLog): ChildProcess {
  const child = fork(ENTRY, [], {
    // With more threads each decode may run on a different one, at less than half the speed.
    env: { ...baseEnvironment(), ...env, UV_THREADPOOL_SIZE: '1' },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  offerToOomKiller(child.pid);
  logLines(child, log);
  return child;
}

const ENTRY = new URL('../child/main.ts', import.meta.url);

/** The variables that drivers and the loader need. Secrets of this service are not passed on. */
function baseEnvironment(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: the environment of a child process, not configuration
  const entries = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|TMPDIR|LANG|LC_|LD_|TZ$|XDG_|VK_|GGML_|MESA_|NVIDIA_|NODE_COMPILE_CACHE$)/.test(name),
  );
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** When memory runs out, the kernel shall end the model and not the service, which holds the queue and the index. */
function offerToOomKiller(pid: number | undefined): void {
  if (pid === undefined) return;
  writeFile(`/proc/${pid}/oom_score_adj`, '500').catch(() => undefined); // no such thing on this system
}

function logLines(child: ChildProcess, log: ModelLog): void {
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
      log.debug({ stderr: line.trim().slice(0, 500) }, 'model process');
    }
  });
}
