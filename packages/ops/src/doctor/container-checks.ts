import { type Container, lastLine, serviceOf, unitOf } from '../podman/podman.ts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

export async function checkContainers(scene: Scene): Promise<readonly Finding[]> {
  const findings = await Promise.all(scene.containers.map((container) => checkContainer(container, scene)));
  return [...findings.flat(), ...(await checkImages(scene))];
}

async function checkContainer(container: Container, scene: Scene): Promise<readonly Finding[]> {
  const { error, ok } = about(`container ${serviceOf(container, scene.project)}`);
  const { name, state, health } = container;
  if (state !== 'running') return judgeEnd(container, scene);
  const findings = [
    ...(await checkLoop(container, scene)),
    ...(health === 'unhealthy'
      ? [error('its health check fails', `podman healthcheck run ${name}; podman logs --tail 50 ${name}`)]
      : []),
  ];
  return findings.length > 0 ? findings : [ok(`running${health === undefined ? '' : `, ${health}`}`)];
}

/** 137 is 128 and SIGKILL. */
const KILLED = 137;

function judgeEnd(container: Container, { project }: Scene): readonly Finding[] {
  const service = serviceOf(container, project);
  const { error, advice, ok } = about(`container ${service}`);
  const { name, state, exitCode, wasOutOfMemory } = container;
  if (state === 'exited' && exitCode === 0)
    return service === 'models'
      ? [ok('it has no more to fetch')]
      : [advice('it is stopped', `podman start ${name}`)];
  if (state === 'created') return [advice('it was never started', `podman start ${name}`)];
  const log = `podman logs --tail 50 ${name}`;
  if (wasOutOfMemory)
    return [
      error(
        'the kernel ended it: its memory limit was reached',
        'sudo dmesg | grep -i "memory cgroup"   # then raise its limit in .env',
      ),
    ];
  if (exitCode === KILLED) return [error('it was killed and not started again (137)', log)];
  return [error(`it ended with exit code ${exitCode}`, log)];
}

/** As many ends in a row are no accident. */
const LOOP = 3;
/** A start that is older than a minute, and the longest pause after it, was the last of its row. */
const ROW_MS = 125_000;

/** `count` of start.sh says how often the command ended soon after its start, and when it was started last. */
async function checkLoop(container: Container, { host, project }: Scene): Promise<readonly Finding[]> {
  const counted = await host.run('podman', 'exec', container.name, 'cat', '/run/starts/count');
  const [count = 0, last = 0] = (counted?.stdout ?? '').split(' ').map(Number);
  if (!(count > LOOP) || Date.now() - last * 1000 > ROW_MS) return [];
  const logs = await host.run('podman', 'logs', '--tail', '40', container.name);
  const reason = (logs === undefined ? '' : `${logs.stdout}\n${logs.stderr}`)
    .split('\n')
    .findLast((line) => line.trim() !== '' && !line.startsWith('start:') && !/^\s+at /.test(line));
  const why = reason === undefined ? '' : `; it last said: ${reason.trim().slice(0, 200)}`;
  return [
    about(`container ${serviceOf(container, project)}`).error(
      `it has ended ${count - 1} times in a row and is started again each time${why}`,
      `podman logs --tail 50 ${container.name}`,
    ),
  ];
}

/** Units that systemd starts again and again have no container in between. */
export async function checkUnits({ host, project, isInside }: Scene): Promise<readonly Finding[]> {
  if (isInside) return [];
  const properties = ['Id', 'NRestarts', 'ActiveState', 'Result'].flatMap((name) => ['--property', name]);
  const shown = await host.run('systemctl', '--user', 'show', `${project}-*.service`, ...properties);
  const units = (shown?.stdout ?? '').split('\n\n').map((block) => {
    const lines = block.split('\n').map((line) => line.split('=') as [string, string]);
    return new Map(lines);
  });
  const ill = units.filter((unit) => {
    const state = unit.get('ActiveState');
    return state === 'failed' || (state === 'activating' && Number(unit.get('NRestarts')) >= LOOP);
  });
  return ill.map((unit) => {
    const id = unit.get('Id') ?? '';
    return about(`unit ${id}`).error(
      `systemd has started it ${unit.get('NRestarts')} times again, and it is ${unit.get('ActiveState')} (${unit.get('Result')})`,
      `journalctl --user --unit ${id} --lines 50`,
    );
  });
}

/** Containers that were started before their image was built anew: compose leaves them as they are. */
async function checkImages({ containers, host, project }: Scene): Promise<readonly Finding[]> {
  const running = containers.filter(({ state }) => state === 'running');
  const outdated = await Promise.all(
    running.map(async ({ imageId, imageName }) => {
      const current = await host.run('podman', 'image', 'inspect', '--format', '{{.Id}}', imageName);
      return current?.code === 0 && current.stdout.trim() !== imageId;
    }),
  );
  const old = running.filter((_, index) => outdated[index]);
  if (old.length === 0) return [];
  const names = old.map((container) => serviceOf(container, project)).join(', ');
  const hasUnits = old.some(({ labels }) => unitOf(labels, project) !== undefined);
  const command = hasUnits ? 'podman auto-update' : 'podman compose up -d --force-recreate';
  return [about('images').warning(`an image is newer than the containers that run it: ${names}`, command)];
}

/** What only the inside of rag can see: its mounts, its index, its login for Redis. */
export async function checkInside({ containers, host, project }: Scene): Promise<readonly Finding[]> {
  const rag = containers.find(
    (container) => container.state === 'running' && serviceOf(container, project) === 'rag',
  );
  if (rag === undefined) return [];
  const ran = await host.run('podman', 'exec', rag.name, 'xnai', 'doctor', '--json');
  const { warning } = about('container rag');
  try {
    const { findings } = JSON.parse(ran?.stdout ?? '') as { findings: readonly Finding[] };
    return findings.map((finding) => ({ ...finding, subject: `rag: ${finding.subject}` }));
  } catch {
    const reason = ran === undefined ? 'podman ended' : lastLine(ran);
    return [warning(`it cannot be looked into: ${reason}`, `podman exec ${rag.name} xnai doctor`)];
  }
}
