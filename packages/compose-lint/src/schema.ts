import { z } from 'zod';

const Words = z.union([z.string(), z.array(z.union([z.string(), z.number()]).transform(String))]);
const Amount = z.union([z.string(), z.number()]).transform(String);
const Environment = z
  .union([
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    z.array(z.string()),
  ])
  .transform((env) => (Array.isArray(env) ? fromLines(env) : mapValues(env)));

const LongVolume = z.looseObject({
  type: z.enum(['bind', 'volume', 'tmpfs']),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
  tmpfs: z.looseObject({ size: Amount.optional() }).optional(),
});

const LongPort = z.looseObject({
  target: Amount,
  published: Amount.optional(),
  host_ip: z.string().optional(),
});

/** The keys of a service that this stack uses or that its rules judge; anything else is refused by name. */
export const Service = z.strictObject({
  image: z.string().optional(),
  pull_policy: z.string().optional(),
  build: z.union([z.string(), z.looseObject({})]).optional(),
  command: Words.optional(),
  entrypoint: Words.optional(),
  user: Amount.optional(),
  userns_mode: z.string().optional(),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  cap_add: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  tmpfs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  volumes: z.array(z.union([z.string(), LongVolume])).default([]),
  ports: z.array(z.union([z.string(), z.number().transform(String), LongPort])).default([]),
  environment: Environment.default({}),
  env_file: z.unknown().optional(),
  depends_on: z
    .union([z.array(z.string()), z.record(z.string(), z.looseObject({ condition: z.string().optional() }))])
    .default([]),
  healthcheck: z.looseObject({ test: Words.optional(), disable: z.boolean().optional() }).optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  network_mode: z.string().optional(),
  mem_limit: Amount.optional(),
  memswap_limit: Amount.optional(),
  shm_size: Amount.optional(),
  pids_limit: z.coerce.number().optional(),
  cpus: Amount.optional(),
  deploy: z
    .looseObject({ resources: z.looseObject({ limits: z.looseObject({}).optional() }).optional() })
    .optional(),
  init: z.boolean().optional(),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  stop_signal: z.string().optional(),
  devices: z.array(z.string()).default([]),
  group_add: z.array(Amount).default([]),
  working_dir: z.string().optional(),
  container_name: z.string().optional(),
  hostname: z.string().optional(),
  labels: z.unknown().optional(),
  secrets: z.array(z.unknown()).optional(),
  profiles: z.array(z.string()).optional(),
});
export type Service = z.infer<typeof Service>;

export const Project = z.looseObject({
  name: z.string().optional(),
  'x-podman': z.looseObject({ in_pod: z.boolean().optional() }).optional(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() }).nullable()).default({}),
  volumes: z.record(z.string(), z.unknown()).default({}),
});
export type Project = z.infer<typeof Project>;

function fromLines(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.split('=')[0] ?? '', line.split('=').slice(1).join('=')]),
  );
}

function mapValues(env: Readonly<Record<string, string | number | boolean | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}
