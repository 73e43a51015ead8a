import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

/** The fields of CycloneDX that this folder reads. */
export const Sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.object({ component: z.object({ name: z.string(), version: z.string() }) }),
  components: z.array(
    z.object({
      purl: z.string(),
      /** `excluded`: used to build and test the product, not part of it. */
      scope: z.string().optional(),
      licenses: z
        .array(
          z.union([
            z.object({ expression: z.string() }),
            z.object({ license: z.object({ id: z.string() }) }),
            z.object({ license: z.object({ name: z.string() }) }),
          ]),
        )
        .optional(),
    }),
  ),
});
export type Sbom = z.infer<typeof Sbom>;

/** The bill of materials that `npm run sbom` writes, for the packages of the lockfile that are installed here. */
export async function readSbom(pnpm = 'pnpm'): Promise<Sbom> {
  const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { stdout } = await promisify(execFile)(pnpm, ['sbom', ...options], { maxBuffer: 64 * 1024 * 1024 });
  return Sbom.parse(JSON.parse(stdout));
}
