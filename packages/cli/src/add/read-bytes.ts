import { constants, open } from 'node:fs/promises';
import { MAX_DOCUMENT_BYTES } from '@xnai/contracts';
import { CommandError } from '../command.ts';

/**
 * The bytes of a file whose path has no links: one that has taken its place is not followed, and no pipe is waited for.
 *
 * @throws {CommandError} when it is no regular file, or larger than the API takes
 */
export async function readFileBytes(path: string): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new CommandError('no regular file');
  return await readBytes(file.createReadStream());
}

/** @throws {CommandError} when there are more than the API takes; no more are read then */
export async function readBytes(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part);
    size += part.length;
    if (size > MAX_DOCUMENT_BYTES) throw new CommandError('larger than 10 MiB');
  }
  return Buffer.concat(parts);
}
