import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { isSecret } from './env.ts';
import { nearestName } from './nearest-name.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface ReadConfigOptions {
  /** Default: the process's environment. */
  readonly env?: Env;
  /** A variable that starts with one of these and is not in the schema is refused. */
  readonly prefixes?: readonly string[];
}

/** Every problem of the configuration, one line each; printed without a stack. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:
${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads environment variables by a zod object whose keys are their names. Empty means unset. A secret
 * variable NAME may be given as NAME_FILE, the path of a file that holds it.
 *
 * @throws {ConfigError} when a variable is missing, wrong or unknown: all problems at once, without the values of secrets
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  options: ReadConfigOptions = {},
): Readonly<z.output<z.ZodObject<Shape>>> {
  // The one place that reads the process's environment.
  // biome-ignore lint/style/noProcessEnv: see above
  const env = options.env ?? process.env;
  const problems: string[] = [];
  const names = Object.keys(schema.shape);
  const secrets = new Set(names.filter((name) => isSecret(schema.shape[name] as z.ZodType)));
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = secrets.has(name) ? secretValue(name, env, problems) : env[name];
    if (value !== undefined && value !== '') values[name] = value;
  }
  const known = [...names, ...[...secrets].map((name) => `${name}_FILE`)];
  problems.push(...unknownVariables(env, known, options.prefixes ?? []));
  const parsed = schema.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describe(issue, values, secrets)));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

/** The variables of a schema that are set, without the values of secrets: for the record of a start. */
export function settingsOf<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  // biome-ignore lint/style/noProcessEnv: see above
  env: Env = process.env,
): Readonly<Record<string, string>> {
  const names = Object.keys(schema.shape).filter((name) => env[name] || env[`${name}_FILE`]);
  const shown = names.map((name) => [
    name,
    isSecret(schema.shape[name] as z.ZodType) ? '[secret]' : env[name],
  ]);
  return Object.fromEntries(shown);
}

function secretValue(name: string, env: Env, problems: string[]): string | undefined {
  const path = env[`${name}_FILE`];
  if (path === undefined || path === '') return env[name];
  if (env[name]) {
    problems.push(`${name} and ${name}_FILE are both set: keep one`);
    return undefined;
  }
  try {
    const value = readFileSync(path, 'utf8').trim();
    if (value === '') problems.push(`${name}_FILE: ${path} is empty`);
    return value;
  } catch (error) {
    problems.push(`${name}_FILE: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

function unknownVariables(env: Env, known: readonly string[], prefixes: readonly string[]): string[] {
  return Object.keys(env)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) && !known.includes(name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} is not a known variable${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    });
}

function describe(issue: z.core.$ZodIssue, values: Env, secrets: ReadonlySet<string>): string {
  const name = String(issue.path[0] ?? '');
  const value = values[name];
  if (value === undefined) return `${name} is missing: ${issue.message}`;
  return `${name}=${secrets.has(name) ? '[redacted]' : JSON.stringify(value)}: ${issue.message}`;
}
