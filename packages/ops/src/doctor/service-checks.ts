import { Readiness } from '@xnai/contracts';
import { about, type Finding } from './finding.ts';
import { runs, type Scene } from './scene.ts';

const ASK_MS = 5_000;

/** The published ports: free, or answered by the services of this stack. */
export async function checkServices(scene: Scene): Promise<readonly Finding[]> {
  if (scene.isInside) return [];
  const findings = await Promise.all(servicesOf(scene).map((service) => checkService(service, runs(scene))));
  return findings.flat();
}

interface ServiceAddress {
  readonly name: 'rag' | 'crawler';
  readonly port: number;
  /** The setting that changes the port. */
  readonly setting: string;
}

/** Containers are published on the ports of `.env`; a stack without containers listens on those of its environment. */
export function servicesOf(scene: Scene): readonly ServiceAddress[] {
  const suffix = runs(scene) ? 'PUBLISH' : 'PORT';
  const of = (name: ServiceAddress['name'], prefix: string, port: number): ServiceAddress => {
    const setting =
      scene.settings[`${prefix}_${suffix}`] === undefined ? `${prefix}_PUBLISH` : `${prefix}_${suffix}`;
    return { name, setting, port: Number(scene.settings[setting]) || port };
  };
  return [of('rag', 'RAG', 8080), of('crawler', 'CRAWL', 8081)];
}

async function checkService(address: ServiceAddress, isExpected: boolean): Promise<readonly Finding[]> {
  const { name, port, setting } = address;
  const { error, ok } = about(name);
  const answer = await askReadiness(port);
  if (answer === 'refused')
    return [
      isExpected
        ? error(`nothing answers on 127.0.0.1:${port}`, `podman compose logs --tail 50 ${name}`)
        : ok(`port ${port} is free; the service does not run`),
    ];
  if (answer === 'silent')
    return [
      error(
        `what listens on port ${port} has not answered for ${ASK_MS / 1000} s`,
        `ss -ltnp 'sport = :${port}'`,
      ),
    ];
  if (answer === 'foreign')
    return [
      error(
        `port ${port} is used by another program: ${name} cannot start there`,
        `ss -ltnp 'sport = :${port}'   # stop that program, or set ${setting}`,
      ),
    ];
  return judgeReadiness(address, answer);
}

/** What is on a port: a service of this stack, another program, one that does not answer, or nothing. */
export async function askReadiness(port: number): Promise<Readiness | 'foreign' | 'silent' | 'refused'> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(ASK_MS) });
    return Readiness.safeParse(await response.json()).data ?? 'foreign';
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return 'silent';
    return causeOf(error) === 'ECONNREFUSED' ? 'refused' : 'foreign';
  }
}

function causeOf(error: unknown): string | undefined {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
}

function judgeReadiness(
  { name, port }: ServiceAddress,
  { status, checks, degraded, advice: advices }: Readiness,
): readonly Finding[] {
  const { error, warning, advice, ok } = about(name);
  const detail = (check: string) => {
    const told = checks[check]?.detail;
    return told === undefined ? check : `${check}: ${typeof told === 'string' ? told : JSON.stringify(told)}`;
  };
  const failing = Object.keys(checks).filter((check) => isFailing(checks[check]?.status));
  // Not each check that fails is something that answers go without: a breaker that is open, for one.
  const missed = new Set([...degraded, ...failing]);
  const all = [...missed].map(detail);
  if (status === 'unavailable') {
    const why = all.join('; ') || 'it does not say why';
    return [error(`it serves nothing: ${why}`, `podman compose logs --tail 50 ${name}`)];
  }
  const show = `curl http://127.0.0.1:${port}/readyz`;
  return [
    ok(status === 'degraded' ? 'it answers' : status),
    ...(status === 'degraded' ? all.map((what) => warning(`degraded: ${what}`, show)) : []),
    ...advices.map(({ text, command: cure }) => advice(text, cure)),
  ];
}

function isFailing(status: string | undefined): boolean {
  return status === 'down' || status === 'degraded';
}
