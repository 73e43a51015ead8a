import { isIP } from 'node:net';
import { z } from 'zod';
import type { Project } from '../schema.ts';

/** Which service runs on which of several hosts, by the name of the host. */
export const Hosts = z.record(
  z.string(),
  z.strictObject({
    address: z
      .string()
      .refine((text) => isIP(text) !== 0, 'expected the IP address by which the other hosts reach this one'),
    services: z.array(z.string()).min(1),
  }),
);
export type Hosts = z.infer<typeof Hosts>;

/** What a unit of one host needs besides what compose says. */
export interface Placement {
  /** Whether its unit is among those of this host. */
  isHere(service: string): boolean;
  /** A network with services on several hosts needs a way to them, so that it cannot be internal. */
  isSpread(network: string): boolean;
  /** Services that this one shares a network with and that are on other hosts: name and address. */
  peersOf(service: string): readonly (readonly [name: string, address: string])[];
  /** Ports of the service that are published, as `ADDRESS:PORT:PORT`, because others reach it from their hosts. */
  publishedOf(service: string): readonly string[];
}

export interface Stack {
  readonly services: Project['services'];
  /** The ports that others of its networks reach, of each service. */
  readonly exposed: Readonly<Record<string, readonly string[]>>;
}

/** @throws {Error} when the host is not there, or a service is unknown, nowhere, or reached by others and in two places */
export function placeOn(host: string, hosts: Hosts, { services, exposed }: Stack): Placement {
  const here = hosts[host];
  if (here === undefined)
    throw new Error(`there is no host ${host}: expected one of ${Object.keys(hosts).join(', ')}`);
  const placesOf = (service: string) => Object.values(hosts).filter((one) => one.services.includes(service));
  checkPlaces(Object.keys(services), hosts, (service) => ({
    places: placesOf(service),
    isReached: service in exposed,
  }));
  const others = (service: string) =>
    Object.keys(services).filter((other) => other !== service && isNear(services, service, other));
  const isHere = (service: string) => here.services.includes(service);
  return {
    isHere,
    isSpread: (network) => {
      const members = Object.keys(services).filter((name) => networksOf(services[name]).includes(network));
      return new Set(members.filter((name) => name in exposed).flatMap(placesOf)).size > 1;
    },
    peersOf: (service) =>
      others(service)
        .filter((other) => other in exposed && !isHere(other))
        .map((other) => [other, placesOf(other)[0]?.address ?? ''] as const),
    publishedOf: (service) =>
      others(service).some((other) => placesOf(other).some((place) => place !== here))
        ? (exposed[service] ?? []).map((port) => `${bracketed(here.address)}:${port}:${port}`)
        : [],
  };
}

interface Placed {
  readonly places: readonly unknown[];
  readonly isReached: boolean;
}

function checkPlaces(services: readonly string[], hosts: Hosts, placed: (service: string) => Placed): void {
  const unknown = Object.values(hosts).flatMap((host) =>
    host.services.filter((name) => !services.includes(name)),
  );
  const nowhere = services.filter((name) => placed(name).places.length === 0);
  const twice = services.filter((name) => placed(name).isReached && placed(name).places.length > 1);
  const faults = [
    ...unknown.map((name) => `${name} is no service of the compose file`),
    ...nowhere.map((name) => `${name} is on no host`),
    ...twice.map((name) => `${name} is on several hosts, and others reach it by its name`),
  ];
  if (faults.length > 0) throw new Error(`the hosts do not fit the services:\n  ${faults.join('\n  ')}`);
}

function isNear(services: Project['services'], a: string, b: string): boolean {
  return networksOf(services[a]).some((network) => networksOf(services[b]).includes(network));
}

export function networksOf(
  service: Pick<Project['services'][string], 'networks'> | undefined,
): readonly string[] {
  const networks = service?.networks ?? [];
  return Array.isArray(networks) ? networks : Object.keys(networks);
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
