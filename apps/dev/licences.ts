import { judgeLicences } from './repository/judge-licences.ts';
import { readSbom } from './repository/sbom.ts';

// `npm run licences`: fails on a package whose licence does not allow its use in a product under Apache-2.0.
const sbom = await readSbom();
const problems = judgeLicences(sbom);
for (const problem of problems) console.error(problem);
console.log(`${sbom.components.length} packages, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
