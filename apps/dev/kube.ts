import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { readManifests } from './kube/manifests.ts';
import { toPods } from './kube/pods.ts';
import { makeSecrets } from './kube/secrets.ts';

const USAGE = `npm run --silent kube -- secrets FOLDER [--store URL] [--name HOST]... [--max-memory 256mb]
  writes the Secrets of deploy/kube. FOLDER is made, and keeps what they are made of: with it, the same Secrets come of it again.
  It keeps these options too: one that is left out is as it was.
  --store URL        a PostgreSQL that runs elsewhere, as postgres://USER:PASSWORD@HOST:PORT/DATABASE; none: the one of deploy/kube
  --name HOST        a name or address of the balancer, for the certificate of a first try
  --max-memory SIZE  of each Valkey server; at first 256mb
npm run --silent kube -- pods FOLDER [--set NAME=VALUE]... [the options of secrets]
  writes deploy/kube as \`podman kube play --userns keep-id:uid=1001,gid=1001 -\` takes it, with the Secrets; --set changes a setting`;
const options = {
  help: { type: 'boolean' },
  store: { type: 'string' },
  name: { type: 'string', multiple: true },
  'max-memory': { type: 'string' },
  set: { type: 'string', multiple: true },
} as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command = '', folder, ...rest] = positionals;
  if (values.help || folder === undefined || rest.length > 0 || !['secrets', 'pods'].includes(command)) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
  } else await write(command, folder, values);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

interface Values {
  readonly store?: string | undefined;
  readonly name?: string[] | undefined;
  readonly 'max-memory'?: string | undefined;
  readonly set?: readonly string[] | undefined;
}

async function write(command: string, folder: string, values: Values): Promise<void> {
  // Before anything is written.
  const pods = command === 'pods' ? toPods(manifests(), settingsOf(values.set ?? [])) : [];
  const secrets = await makeSecrets(folder, {
    store: values.store,
    names: values.name,
    maxMemory: megabytes(values['max-memory']),
    report: (message) => console.error(`kube: ${message}`),
  });
  process.stdout.write([...secrets, ...pods].map((one) => `---\n${stringify(one)}`).join(''));
}

/** In the order of the kustomization, in which each finds what it needs. */
function manifests() {
  const read = (name: string) => readFileSync(join(import.meta.dirname, '../../deploy/kube', name), 'utf8');
  const { resources } = parse(read('kustomization.yaml')) as { readonly resources: readonly string[] };
  return resources.flatMap((name) => readManifests(read(name)));
}

function settingsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined)
        throw new Error(`--set ${word}: expected NAME=VALUE, such as RAG_GENERATE_MODEL=none`);
      return [name, value];
    }),
  );
}

function megabytes(text: string | undefined): `${number}mb` | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*mb$/.test(text)) return text as `${number}mb`;
  throw new Error(`--max-memory ${text}: expected megabytes such as 256mb`);
}
