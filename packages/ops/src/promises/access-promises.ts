import type { Scene } from '../doctor/scene.ts';
import { servicesOf } from '../doctor/service-checks.ts';
import { lastLine, serviceOf } from '../podman/podman.ts';
import { judge, type Verdict } from './promise.ts';

const ASK_MS = 5_000;
/** A route of each service that needs a key. */
const ROUTES = { rag: '/v1/collections', crawler: '/v1/crawls' };

export async function checkDoors(scene: Scene): Promise<Verdict> {
  const answers = await Promise.all(
    servicesOf(scene).map(async ({ name, port }) => {
      const response = await fetch(`http://127.0.0.1:${port}${ROUTES[name]}`, {
        signal: AbortSignal.timeout(ASK_MS),
      }).catch(() => undefined);
      return {
        name,
        status: response?.status,
        text: `${name}: ${ROUTES[name]} answers ${response?.status} without a key`,
      };
    }),
  );
  const known = answers.filter(({ status }) => status !== undefined);
  const open = known.filter(({ status }) => status !== 401);
  return judge(
    'every route but those of health and documentation needs a key',
    known.map(({ text }) => text),
    open.map(({ text }) => text),
  );
}

/** `user default off …` is the first rule that makes other users necessary. */
export async function checkRedisUsers({ containers, host, project }: Scene): Promise<Verdict> {
  const promise = 'Redis has a user for each purpose, and its default user is off';
  const redis = containers.find(
    (container) => container.state === 'running' && serviceOf(container, project) === 'redis',
  );
  if (redis === undefined)
    return { promise, result: 'unknown', evidence: 'no Redis container of this stack runs' };
  const ran = await host.run('podman', 'exec', redis.name, 'cat', '/run/xnai/users.acl');
  if (ran?.code !== 0)
    return { promise, result: 'unknown', evidence: ran === undefined ? 'podman ended' : lastLine(ran) };
  const users = [...ran.stdout.matchAll(/^user (\S+) (.*)$/gm)].map(([, name = '', rules = '']) => ({
    name,
    rules,
  }));
  const open = users.filter(({ name, rules }) =>
    name === 'default' ? !/\boff\b/.test(rules) : /\bnopass\b|[+]@all|~\*/.test(rules),
  );
  const isDefaultNamed = users.some(({ name }) => name === 'default');
  return judge(
    promise,
    [users.map(({ name }) => name).join(', ')],
    [
      ...open.map(({ name }) => `${name} may do everything`),
      ...(isDefaultNamed ? [] : ['the default user is not switched off']),
    ],
  );
}
