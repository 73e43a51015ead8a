import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * Identifies a model by the sizes of its files, the whole head of the first one, and samples of all their bytes: cheap
 * for files of gigabytes, and the same after each start and move.
 */
export async function fingerprintFile(parts: readonly string[], headBytes: number): Promise<string> {
  const hash = createHash('sha256');
  for (const [index, part] of parts.entries()) {
    await using handle = await open(part);
    const { size } = await handle.stat();
    hash.update(`${size};`);
    if (index === 0) hash.update(await readAt(handle, 0, headBytes));
    const stepBytes = Math.max(SAMPLE_BYTES, Math.ceil(size / SAMPLES));
    for (let at = 0; at < size; at += stepBytes) hash.update(await readAt(handle, at, SAMPLE_BYTES));
  }
  return hash.digest('hex');
}

/** 1 MiB in all; smaller files are read whole. */
const SAMPLES = 256;
const SAMPLE_BYTES = 4_096;

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}
