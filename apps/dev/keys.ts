// npm run keys -- create --scopes query,ingest [--name NAME] | list | revoke ID
import { parseArgs } from 'node:util';
import { createKey, isScope, listKeys, revokeKey, runMain, SCOPES, type Scope } from '@xnai/service';
import { readKeysFile } from './start/config.ts';

const USAGE = `Usage:
  npm run keys -- create --scopes ${SCOPES.join(',')} [--name NAME]
  npm run keys -- list
  npm run keys -- revoke ID`;

/** The command line is wrong: printed with the usage. */
class UsageError extends Error {}

await runMain(async () => {
  try {
    await runCommand(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
  }
});

async function runCommand(args: readonly string[]): Promise<void> {
  const { command, operands, scopes, name } = parse(args);
  const file = readKeysFile();
  if (command === 'create') return create(file, toScopes(scopes), name);
  if (command === 'list' && operands.length === 0) return list(file);
  if (command === 'revoke' && operands[0] !== undefined) return revoke(file, operands[0]);
  throw new UsageError(
    command === undefined ? 'A command is missing.' : `Unknown command: ${args.join(' ')}`,
  );
}

function parse(args: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { scopes: { type: 'string' }, name: { type: 'string' } },
      allowPositionals: true,
    });
    const [command, ...operands] = positionals;
    return { command, operands, ...values };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function toScopes(text: string | undefined): readonly Scope[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0) throw new UsageError(`No such scope: ${unknown.join(', ')}`);
  if (names.length === 0) throw new UsageError('A key needs at least one scope.');
  return [...new Set(names.filter(isScope))];
}

async function create(file: string, scopes: readonly Scope[], name: string | undefined): Promise<void> {
  const { id, key } = await createKey(file, { scopes, ...(name === undefined ? {} : { name }) });
  console.log(`${key}\n\nThe key is shown only once. Its id is ${id}, its scopes are ${scopes.join(', ')}.`);
}

async function list(file: string): Promise<void> {
  const keys = await listKeys(file);
  if (keys.length === 0) console.log(`No keys in ${file}.`);
  for (const { id, created, scopes, name, exempt } of keys) {
    const notes = [name, exempt === true ? '(no rate limit)' : undefined].filter(
      (note) => note !== undefined,
    );
    console.log([id, created, scopes.join(','), ...notes].join('  '));
  }
}

async function revoke(file: string, id: string): Promise<void> {
  if (!(await revokeKey(file, id))) throw new UsageError(`No key has the id ${id}.`);
  console.log('Revoked. Running services refuse the key within a second.');
}
