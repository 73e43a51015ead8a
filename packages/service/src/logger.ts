import pino, { type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { LogFile } from './log-file.ts';
import { REDACTED_PATHS, redactText } from './redact.ts';
import { traceFields } from './trace/carry-trace.ts';

export type { Logger } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface CreateLoggerOptions {
  /** Name of the service, in every line. */
  readonly name: string;
  readonly level?: LogLevel;
  /** Lines go here too, in files `name.N.log` that together stay near 50 MiB. */
  readonly logDir?: string | undefined;
  readonly maxLogFileBytes?: number;
  readonly maxLogFiles?: number;
  /** Where lines go besides the folder. Default: standard output. */
  readonly out?: LogOutput;
}

export interface LogOutput {
  readonly isTTY?: boolean;
  write(line: string): unknown;
}

/**
 * A logger: readable lines on a terminal, JSON elsewhere, and JSON in `logDir`. A folder that cannot be
 * written, at start or later, causes one warning and nothing else. Credentials are redacted by field name
 * and, anywhere in a line, by form.
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const main = mainOutput(options.out);
  let file: LogFile | undefined;
  const log = pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      base: { name: options.name },
      mixin: traceFields,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...REDACTED_PATHS], censor: '[redacted]' },
      hooks: { streamWrite: redactText },
    },
    {
      write(line: string) {
        main.write(line);
        file?.write(line);
      },
    },
  );
  if (options.logDir !== undefined) file = logFileFor(options, options.logDir, log);
  return log;
}

function logFileFor(options: CreateLoggerOptions, dir: string, log: Logger): LogFile {
  return new LogFile({
    dir,
    name: options.name,
    maxFileBytes: options.maxLogFileBytes ?? 10 * 1024 ** 2,
    maxFiles: options.maxLogFiles ?? 5,
    onFailure: ({ message }) =>
      log.warn({ dir, reason: message }, 'log folder cannot be written; logging to standard output only'),
  });
}

function mainOutput(out?: LogOutput): LogOutput {
  const target = out ?? pino.destination({ fd: process.stdout.fd, sync: true });
  // The target decides, not NODE_ENV: a person reads a terminal, a machine reads everything else.
  const isTerminal = out === undefined ? process.stdout.isTTY : out.isTTY;
  if (!isTerminal) return target;
  const format = prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true, colorize: true });
  return { write: (line) => target.write(format(line)) };
}
