// Run by the service `secrets` of compose: write-secrets.ts FOLDER, with a volume at FOLDER/redis, /rag and /crawler each;
// with --certificate, for the balancer's certificate alone.
import { ConfigError, env, readConfig, runMain } from '@xnai/service';
import { z } from 'zod';
import { ensureCertificate } from './write-scale.ts';
import { writeVolumes } from './write-volumes.ts';

const Config = z.object({
  /** The passwords of all Redis users are derived from it. Without it they are random, and created once. */
  XNAI_REDIS_SEED: env.secret().optional(),
  XNAI_AUDIT_DIR: env.text(),
  /** Where alerts go, with compose/monitoring.yaml. */
  XNAI_ALERT_WEBHOOK_URL: env.url().optional(),
  /** By which clients reach the balancer of compose/scale.yaml, for its first certificate. */
  XNAI_BALANCER_NAMES: env.list().default([]),
  XNAI_REDIS_MAXMEMORY: env.text().refine(isMegabytes, 'expected megabytes such as 256mb').default('256mb'),
});

await runMain(async () => {
  const [folder, part, ...rest] = process.argv.slice(2);
  const isPart = part === '--certificate';
  if (folder === undefined || rest.length > 0 || (part !== undefined && !isPart))
    throw new ConfigError(['usage: write-secrets.ts FOLDER [--certificate]']);
  const config = readConfig(Config, {});
  if (isPart) return ensureCertificate(folder, config.XNAI_BALANCER_NAMES);
  await writeVolumes(folder, {
    seed: config.XNAI_REDIS_SEED,
    maxMemory: config.XNAI_REDIS_MAXMEMORY as `${number}mb`,
    alertWebhookUrl: config.XNAI_ALERT_WEBHOOK_URL,
    balancerNames: config.XNAI_BALANCER_NAMES,
    auditFolder: config.XNAI_AUDIT_DIR,
    report: (message) => console.log(`secrets: ${message}`),
  });
});

function isMegabytes(text: string): boolean {
  return /^[1-9]\d*mb$/.test(text);
}
