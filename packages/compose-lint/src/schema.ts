import { z } from 'zod';

const Words = z.union([z.string(), z.array(z.union([z.string(), z.number()]).transform(String))]);
const Amount = z.union([z.string(), z.number()]).transform(String);
// A variable makes text of it.
const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const Environment = z
  .union([
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    z.array(z.string()),
  ])
  .transform((env) => (Array.isArray(env) ? fromLines(env) : mapValues(env)));

const LongVolume = z.looseObject({
  type: z.enum(['bind', 'volume', 'tmpfs', 'image', 'cluster', 'npipe']),
  source: z.string().optional(),
  target: z.string(),
  read_only: Flag.optional(),
  tmpfs: z.looseObject({ size: Amount.optional(), mode: Amount.optional() }).optional(),
});

const LongPort = z.looseObject({
  target: Amount,
  published: Amount.optional(),
  host_ip: z.string().optional(),
});

/** Secrets and configs by their names. */
const References = z
  .array(z.union([z.string(), z.looseObject({ source: z.string() }).transform(({ source }) => source)]))
  .default([]);

// Compose specification, "Services top-level element": valid keys that no rule judges.
const UNJUDGED: ReadonlySet<string> = new Set(
  `annotations attach blkio_config cgroup_parent container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period
  cpu_rt_runtime cpu_shares cpus cpuset credential_spec develop device_cgroup_rules devices dns dns_opt dns_search
  domainname driver_opts env_file expose external_links extra_hosts gpus hostname init isolation label_file labels links
  logging mac_address mem_reservation mem_swappiness memswap_limit models platform post_start pre_stop profiles provider
  pull_refresh_after runtime scale stdin_open stop_grace_period stop_signal storage_opt sysctls tty ulimits
  use_api_socket volumes_from working_dir`.split(/\s+/),
);

const JudgedService = z.strictObject({
  image: z.string().optional(),
  pull_policy: z.string().optional(),
  build: z
    .union([
      z.string().transform((context) => ({ context, dockerfile: undefined })),
      z.looseObject({ context: z.string().optional(), dockerfile: z.string().optional() }),
    ])
    .optional(),
  command: Words.nullish(),
  entrypoint: Words.nullish(),
  user: Amount.optional(),
  userns_mode: z.string().optional(),
  read_only: Flag.default(false),
  privileged: Flag.default(false),
  cap_add: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  tmpfs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  volumes: z.array(z.union([z.string(), LongVolume])).default([]),
  ports: z.array(z.union([z.string(), z.number().transform(String), LongPort])).default([]),
  environment: Environment.default({}),
  depends_on: z
    .union([z.array(z.string()), z.record(z.string(), z.looseObject({ condition: z.string().optional() }))])
    .default([]),
  healthcheck: z.looseObject({ test: Words.optional(), disable: Flag.optional() }).optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  network_mode: z.string().optional(),
  pid: z.string().optional(),
  ipc: z.string().optional(),
  uts: z.string().optional(),
  cgroup: z.string().optional(),
  mem_limit: Amount.optional(),
  shm_size: Amount.optional(),
  oom_kill_disable: Flag.default(false),
  oom_score_adj: z.coerce.number().optional(),
  pids_limit: z.coerce.number().optional(),
  deploy: z
    .looseObject({ resources: z.looseObject({ limits: z.looseObject({}).optional() }).optional() })
    .optional(),
  restart: z.string().optional(),
  group_add: z.array(Amount).default([]),
  secrets: References,
  configs: References,
});

/** Keys that a service may have. */
export const SERVICE_KEYS: readonly string[] = [...Object.keys(JudgedService.shape), ...UNJUDGED];

/** A service; a key that is none of the Compose specification is refused by name. */
const Service = z.preprocess(judgedOf, JudgedService);
export type Service = z.infer<typeof Service>;

/** A volume; `driver_opts` may make a tmpfs of it. */
const Volume = z.looseObject({
  driver_opts: z.looseObject({ type: z.string().optional(), o: z.string().optional() }).optional(),
});

const JudgedProject = z.strictObject({
  name: z.string().optional(),
  version: z.unknown().optional(),
  include: z.unknown().optional(),
  models: z.unknown().optional(),
  'x-podman': z.looseObject({ in_pod: Flag.optional() }).optional(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.looseObject({}).nullable()).default({}),
  volumes: z.record(z.string(), Volume.nullable()).default({}),
  secrets: z.record(z.string(), z.unknown()).default({}),
  configs: z.record(z.string(), z.unknown()).default({}),
});

export const PROJECT_KEYS: readonly string[] = Object.keys(JudgedProject.shape);
export const Project = z.preprocess(judgedOf, JudgedProject);
export type Project = z.infer<typeof Project>;

/** Without the keys that no rule judges, and without extensions. */
function judgedOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.filter(([key]) => !UNJUDGED.has(key) && (!key.startsWith('x-') || key === 'x-podman')),
  );
}

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
