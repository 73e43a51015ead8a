import { type Command, InvalidArgumentError, Option } from 'commander';

/** The collection that a command works on. */
export function collectionOption(): Option {
  return new Option('-c, --collection <name>', 'of documents').default('default');
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
