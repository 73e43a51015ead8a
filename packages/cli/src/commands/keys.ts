import { readKeysFile } from '@xnai/ops';
import { commandAudit, readAuditPlaces } from '@xnai/ops/audit';
import {
  createKey,
  isScope,
  isStackKeyName,
  type KeyInfo,
  listKeys,
  revokeKey,
  SCOPES,
  type Scope,
} from '@xnai/service';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommand, type Call, CommandError, type Outcome, type Session, UsageError } from '../command.ts';

export function addKeys(program: Command, session: Session): void {
  const keys = program.command('keys').description('API keys: make, list and revoke them');
  const scopes = new Option('--scopes <list>', `of ${SCOPES.join(',')}`)
    .argParser(toScopes)
    .makeOptionMandatory();
  addCommand(keys, 'create', session, create)
    .description('make a key and show it, once')
    .addOption(scopes)
    .option('--name <name>', 'for whom or what');
  addCommand(keys, 'list', session, list).description('show all keys without their secret');
  addCommand(keys, 'revoke <id>', session, revoke).description(
    'remove a key; services notice within a second',
  );
}

function toScopes(text: string): readonly Scope[] {
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`No such scope: ${unknown.join(', ')}. There are: ${SCOPES.join(', ')}`);
  if (names.length === 0) throw new InvalidArgumentError('A key needs at least one scope.');
  return [...new Set(names.filter(isScope))];
}

type CreateOptions = { scopes: readonly Scope[]; name?: string };

async function create({ options: { scopes, name } }: Call<CreateOptions>): Promise<Outcome> {
  if (name !== undefined && isStackKeyName(name))
    throw new UsageError(`The name ${name} is for keys that the stack makes and replaces by itself.`);
  const audit = commandAudit(readAuditPlaces());
  const file = readKeysFile();
  const made = await createKey(file, { scopes, ...(name === undefined ? {} : { name }) }, audit);
  const note = `The key is shown only once. Its id is ${made.id}, its scopes are ${scopes.join(', ')}. Its hash is in ${file}.`;
  return { data: made, text: `${made.key}\n\n${note}` };
}

async function list(): Promise<Outcome> {
  const file = readKeysFile();
  const keys = await listKeys(file);
  return { data: keys, text: [...keys.map(toLine), `${keys.length} keys in ${file}`].join('\n') };
}

function toLine({ id, created, scopes, name, exempt }: KeyInfo): string {
  const notes = [name, exempt === true ? '(no rate limit)' : undefined].filter((note) => note !== undefined);
  return [id, created, scopes.join(','), ...notes].join('  ');
}

async function revoke({ operands: [id = ''] }: Call<object>): Promise<Outcome> {
  const audit = commandAudit(readAuditPlaces());
  const file = readKeysFile();
  if (!(await revokeKey(file, id, audit))) throw new CommandError(`No key in ${file} has the id ${id}.`);
  return {
    data: { revoked: id },
    text: `Revoked in ${file}. Running services refuse the key within a second.`,
  };
}
