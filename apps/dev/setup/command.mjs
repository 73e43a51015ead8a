import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A problem that the user can solve: printed without a stack trace. */
export class SetupError extends Error {}

/**
 * On standard error: standard output is for what the command after the set-up prints.
 * @param {string} message a step of the set-up, or advice to the user
 */
export function report(message) {
  process.stderr.write(`setup: ${message}\n`);
}

const TAIL_CHARS = 20_000;

/**
 * Runs a command without a terminal, so that it cannot ask a question. `output` is the end of its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<{code: number, output: string}>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (/** @type {Buffer} */ data) => {
      output = (output + data.toString()).slice(-TAIL_CHARS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * @param {string} command
 * @param {string} [path] folders to search
 * @returns {string | undefined} the full path of the command
 */
export function findCommand(command, path = process.env['PATH'] ?? '') {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
