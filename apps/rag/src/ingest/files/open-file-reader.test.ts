import { constants, deflateSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type FileReader, type FileReaderOptions, openFileReader } from './open-file-reader.ts';

const MIB = 1024 ** 2;
const readers: FileReader[] = [];

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});

function open(options: Partial<FileReaderOptions> = {}): FileReader {
  const reader = openFileReader({ maxMemoryBytes: 512 * MIB, ...options });
  readers.push(reader);
  return reader;
}

const csv = new TextEncoder().encode('name,price\npump,12\n');
const readCsv = (reader: FileReader, signal?: AbortSignal) =>
  reader.read(csv, { fileName: 'a.csv' }, { signal });

test('a file is read in the child, by its type or name', async () => {
  const { tables, blocks } = await readCsv(open());
  expect(tables).toEqual([{ columns: ['name', 'price'] }]);
  expect(blocks).toHaveLength(2);
});

test('a file is refused with the code of its reader', async () => {
  const reading = open().read(pdfOf(Buffer.from('')), { mediaType: 'application/pdf' });
  await expect(reading).rejects.toMatchObject({
    name: 'ReadError',
    code: 'DOCUMENT_NOT_READABLE',
    message: 'There is no text in the document',
  });
});

describe('a file that takes too much', () => {
  const segment = (text: string, repeat: number) => deflated(Buffer.from(text.repeat(repeat)));
  test.each([
    ['inflates from 1 MB to 1 GB', segment(' '.repeat(1024), 1024), 1024],
    ['holds 18 million text operators', segment('(a) Tj\n', 180_000), 100],
  ])(
    '%s: the child is ended at its limit, the event loop goes on, and the next file is read',
    async (_, part, times) => {
      const reader = open({ timeoutMs: 8000 });
      let ticks = 0;
      const clock = setInterval(() => ticks++, 10);
      const bytes = pdfOf(
        Buffer.concat([ZLIB_HEADER, ...Array.from({ length: times }, () => part), LAST_BLOCK]),
      );
      expect(bytes.length).toBeLessThan(2.5 * MIB);
      const reading = reader.read(bytes, { mediaType: 'application/pdf' });
      const next = readCsv(reader);
      await expect(reading).rejects.toMatchObject({ name: 'ReadError', code: 'DOCUMENT_TOO_LARGE' });
      expect((await next).blocks).toHaveLength(2);
      clearInterval(clock);
      expect(ticks).toBeGreaterThan(10);
    },
  );

  test('needs more time: the reason is given', async () => {
    const reader = open({ timeoutMs: 20 });
    const reading = reader.read(pdfOf(Buffer.from('')), { mediaType: 'application/pdf' });
    await expect(reading).rejects.toMatchObject({
      code: 'DOCUMENT_TOO_LARGE',
      message: 'Reading the document was ended because it took longer than 20 ms',
    });
  });
});

test('an aborted request ends its child with the reason of its signal', async () => {
  const reader = open();
  const controller = new AbortController();
  const reading = readCsv(reader, controller.signal);
  controller.abort(new Error('The client is gone'));
  await expect(reading).rejects.toThrow('The client is gone');
  expect((await readCsv(reader)).blocks).toHaveLength(2);
});

test('files wait up to a limit, and more are refused', async () => {
  const reader = open({ maxWaitingBytes: 2 * csv.length });
  const reading = [readCsv(reader), readCsv(reader)];
  await expect(readCsv(reader)).rejects.toMatchObject({
    name: 'IngestError',
    code: 'OVERLOADED',
    retryable: true,
    retryAfterMs: 2_000,
  });
  expect(await Promise.all(reading)).toHaveLength(2);
  expect((await readCsv(reader)).blocks).toHaveLength(2);
});

const ZLIB_HEADER = Buffer.from([0x78, 0x9c]);
/** An empty stored block that says it is the last one. */
const LAST_BLOCK = Buffer.from([0x01, 0x00, 0x00, 0xff, 0xff]);

/** Deflated so that it can be repeated: without header and sum, and ending at a byte. */
function deflated(content: Buffer): Buffer {
  return deflateSync(content, { finishFlush: constants.Z_FULL_FLUSH, level: 9 }).subarray(2);
}

/** A PDF of one page with a deflated stream as its content. */
function pdfOf(content: Buffer): Uint8Array {
  const head = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >> endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
4 0 obj << /Length ${content.length} /Filter /FlateDecode >> stream\n`;
  return Buffer.concat([
    Buffer.from(head),
    content,
    Buffer.from('\nendstream endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n'),
  ]);
}
