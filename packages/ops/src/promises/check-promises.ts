import { join } from 'node:path';
import { listKeys } from '@xnai/service';
import { checkKeys, keyFilesOf } from '../doctor/file-checks.ts';
import { openScene, type Scene } from '../doctor/scene.ts';
import type { Host } from '../host/host.ts';
import { lastLine, serviceOf } from '../podman/podman.ts';
import { checkDoors, checkRedisUsers } from './access-promises.ts';
import { checkContainerPromises } from './container-promises.ts';
import { judge, type Verdict } from './promise.ts';

type PromiseCheck = (scene: Scene) => Promise<Verdict | readonly Verdict[]>;

const CHECKS: Readonly<Record<string, PromiseCheck>> = {
  'what is promised of containers': checkContainerPromises,
  'what is promised of the APIs': checkDoors,
  'what is promised of Redis': checkRedisUsers,
  'what is promised of secrets': checkModes,
  'what is promised of keys': checkKeyAges,
  'what is promised of the record of acts': checkAudit,
  'what is promised of licences': checkLicences,
  'what is promised of packages': checkAdvisories,
};

/**
 * Whether the running stack keeps what SECURITY.md promises, with evidence.
 *
 * @param root the checkout
 */
export async function checkPromises(host: Host, root: string): Promise<readonly Verdict[]> {
  const scene = await openScene(host, { root, verifyModels: async () => [] });
  const verdicts = await Promise.all(
    Object.entries(CHECKS).map(([subject, check]) => attempt(subject, check, scene)),
  );
  return verdicts.flat();
}

async function attempt(
  subject: string,
  check: PromiseCheck,
  scene: Scene,
): Promise<Verdict | readonly Verdict[]> {
  try {
    return await check(scene);
  } catch (error) {
    return { promise: subject, result: 'unknown', evidence: (error as Error).message };
  }
}

async function checkModes(scene: Scene): Promise<Verdict> {
  const findings = await checkKeys(scene);
  const against = findings.filter(({ level }) => level !== 'ok').map(({ cause }) => cause);
  return judge(
    'keys and secrets can be read by their owner only',
    findings.map(({ cause }) => cause),
    against,
  );
}

const OLD_MS = 365 * 86_400_000;

async function checkKeyAges(scene: Scene): Promise<Verdict> {
  const keys = (await Promise.all(keyFilesOf(scene).map(listKeys))).flat();
  const unique = [...new Map(keys.map((key) => [key.id, key])).values()];
  const describe = ({ id, name, created, scopes }: (typeof keys)[number]) =>
    `${name ?? id} (${scopes.join(',')}) of ${created.slice(0, 10)}`;
  const old = unique.filter(({ created }) => Date.now() - Date.parse(created) > OLD_MS);
  return judge('keys are younger than a year', unique.map(describe), old.map(describe));
}

async function checkAudit({ containers, host, project }: Scene): Promise<Verdict> {
  const promise = 'the record of acts is whole';
  const rag = containers.find(
    (container) => container.state === 'running' && serviceOf(container, project) === 'rag',
  );
  if (rag === undefined)
    return {
      promise,
      result: 'unknown',
      evidence: 'no container of rag runs; `npm run audit -- verify` looks at a stack without containers',
    };
  const ran = await host.run('podman', 'exec', rag.name, 'xnai', 'audit', 'verify');
  if (ran === undefined) return { promise, result: 'unknown', evidence: 'podman ended' };
  return { promise, result: ran.code === 0 ? 'pass' : 'fail', evidence: lastLine(ran) };
}

async function checkLicences({ host, root }: Scene): Promise<Verdict> {
  const promise = 'the licences of all packages allow their use';
  const ran = await host.run(process.execPath, host.at(join(root, 'apps/dev/licences.ts')));
  const evidence = ran === undefined ? '' : lastLine(ran);
  // Anything else says that the judge itself is not there, or failed.
  if (ran === undefined || !/^\d+ packages, \d+ problems$/.test(ran.stdout.trim()))
    return { promise, result: 'unknown', evidence: `they could not be judged: ${evidence}` };
  return { promise, result: ran.code === 0 ? 'pass' : 'fail', evidence };
}

/** Needs the advisories of the npm registry. */
async function checkAdvisories({ host, root }: Scene): Promise<Verdict> {
  const promise = 'no package of the product has a known hole';
  const ran = await host.run('pnpm', '--dir', host.at(root), 'audit', '--prod', '--json');
  try {
    const { metadata } = JSON.parse(ran?.stdout ?? '') as {
      metadata: { vulnerabilities: Readonly<Record<string, number>> };
    };
    const found = Object.entries(metadata.vulnerabilities)
      .filter(([, count]) => count > 0)
      .map(([level, count]) => `${count} ${level}`);
    return judge(promise, ['no advisory for any package of the lockfile'], found);
  } catch {
    return { promise, result: 'unknown', evidence: 'no advisory source could be reached' };
  }
}
