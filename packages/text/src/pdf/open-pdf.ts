import { getDocument, type PDFDocumentProxy } from 'unpdf/pdfjs';
import { ReadError } from '../read-error.ts';

/** A file ends with its table of contents; without it, pdf.js guesses which objects are there, and pages go missing. */
const END_MARK = '%%EOF';
const END_MARK_WITHIN = 4096;

/**
 * Opens a PDF for `use` and frees it afterwards.
 *
 * @throws {ReadError} DOCUMENT_ENCRYPTED when it opens with a password only
 * @throws {ReadError} DOCUMENT_DAMAGED when it is cut off, no PDF, or its page tree is broken
 */
export async function withPdf<T>(
  bytes: Uint8Array,
  use: (document: PDFDocumentProxy) => Promise<T>,
): Promise<T> {
  const tail = new TextDecoder('latin1').decode(bytes.subarray(-END_MARK_WITHIN));
  if (!tail.includes(END_MARK)) {
    throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The PDF is cut off before its end' });
  }
  const task = getDocument({
    // A copy, because pdf.js takes it over; and it refuses a Buffer.
    data: new Uint8Array(bytes),
    verbosity: 0,
    useSystemFonts: false,
    disableFontFace: true,
    // Only its name says that a font is bold.
    fontExtraProperties: true,
  });
  try {
    return await use(await task.promise);
  } catch (error) {
    throw refusal(error);
  } finally {
    await task.destroy();
  }
}

const OUR_FAULTS = new Set(['TypeError', 'RangeError', 'ReferenceError']);

function refusal(error: unknown): unknown {
  // An error of another kind is ours, not one of the file.
  if (error instanceof ReadError || !(error instanceof Error) || OUR_FAULTS.has(error.name)) return error;
  if (error.name === 'PasswordException') return new ReadError('DOCUMENT_ENCRYPTED', { cause: error });
  const detail = `The PDF is damaged: ${error.message.replace(/\.$/, '')}`;
  return new ReadError('DOCUMENT_DAMAGED', { detail, cause: error });
}
