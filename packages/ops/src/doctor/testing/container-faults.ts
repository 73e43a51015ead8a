import type { Fault } from './fault.ts';
import { container, withContainer } from './healthy-machine.ts';

/** In seconds. */
const now = () => Math.round(Date.now() / 1000);
export const unit = (restarts: string, state: string, result: string) =>
  `Id=xnai-rag.service\nNRestarts=${restarts}\nActiveState=${state}\nResult=${result}\n`;

export const CONTAINER_FAULTS: readonly Fault[] = [
  [
    'a container that ran out of memory',
    'error',
    /memory limit was reached/,
    'raise its limit',
    ({ program }) =>
      program(
        'podman',
        withContainer(container('rag', { Status: 'exited', ExitCode: 137, OOMKilled: true })),
      ),
  ],
  [
    'a container that was killed',
    'error',
    /killed and not started again/,
    'podman logs --tail 50 xnai_rag_1',
    ({ program }) => program('podman', withContainer(container('rag', { Status: 'exited', ExitCode: 137 }))),
  ],
  [
    'an unhealthy container',
    'error',
    /health check fails/,
    'podman healthcheck run xnai_rag_1',
    ({ program }) => program('podman', withContainer(container('rag', { Health: { Status: 'unhealthy' } }))),
  ],
  [
    'a crash loop',
    'error',
    /ended 5 times in a row .* it last said: RAG_PORT="x": expected a port/,
    'podman logs',
    ({ program }) =>
      program(
        'podman',
        withContainer(container('crawler', {}), {
          'exec xnai_crawler_1 cat /run/starts/count': { out: `6 ${now()}\n` },
          logs: {
            err: 'The configuration has a problem:\nRAG_PORT="x": expected a port\nstart: the command ended 5 times in a row\n',
          },
        }),
      ),
  ],
  [
    'a unit that systemd starts again and again',
    'error',
    /started it 7 times again, and it is activating \(exit-code\)/,
    'journalctl --user --unit xnai-rag.service',
    ({ program }) =>
      program('systemctl', { '--user show xnai-*.service': { out: unit('7', 'activating', 'exit-code') } }),
  ],
  [
    'a container of an older image',
    'warning',
    /newer than the containers that run it: crawler/,
    'up -d --force-recreate',
    ({ program }) => program('podman', withContainer(container('crawler', {}, { Image: 'sha256:old' }))),
  ],
  [
    'a stack of which nothing answers',
    'error',
    /nothing answers on 127\.0\.0\.1:/,
    'podman compose logs --tail 50 rag',
    ({ program }) => program('podman', withContainer(container('crawler', {}))),
  ],
];
