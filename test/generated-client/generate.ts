import { mkdir, readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const folder = new URL('generated/', import.meta.url);
// A field with a default may be left out of a request.
const options = { defaultNonNullable: false };
await mkdir(folder, { recursive: true });
for (const app of ['rag', 'crawler']) {
  const document = await readFile(new URL(`../../apps/${app}/openapi.json`, import.meta.url), 'utf8');
  await writeFile(new URL(`${app}.ts`, folder), astToString(await openapiTS(document, options)));
}
