import type { Filter } from '@xnai/contracts';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The collection that a command works on. */
export function collectionOption(): Option {
  return new Option('-c, --collection <name>', 'of documents').default('default');
}

/** Conditions on metadata as the API takes them, which also checks them. */
export function filterOption(): Option {
  const example = '{"year": {"gte": 2020}}';
  return new Option('-f, --filter <json>', `conditions on metadata, such as '${example}'`).argParser(
    (text) => {
      try {
        return JSON.parse(text) as Filter;
      } catch {
        throw new InvalidArgumentError(`Expected JSON, such as '${example}'.`);
      }
    },
  );
}

/** Adds a number of things, as the API names it. */
export function countOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('Expected a whole number from 1.');
  });
}

export function described(command: Command, text: string, ...options: readonly Option[]): void {
  command.description(text);
  for (const option of options) command.addOption(option);
}
