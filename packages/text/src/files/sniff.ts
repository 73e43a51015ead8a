import { openZip, type Zip } from '../container/open-zip.ts';
import { ReadError } from '../read-error.ts';
import type { FileKind } from './file-types.ts';

/** What the bytes of a file are, whatever its name says. */
export type Sniffed =
  | { readonly kind: FileKind; readonly zip?: Zip }
  /** Something that is not read, in words that complete "… is not read". */
  | { readonly refused: string }
  | undefined;

/** Signatures of what is not read, in hexadecimal; behind `@` the place in the file where one begins. */
const REFUSED: Readonly<Record<string, string>> = {
  'A Rich Text file (.rtf)': '7b5c727466',
  'A compressed archive': '1f8b 425a6839 fd377a585a 377abcaf 52617221 28b52ffd 4c5a4950 04224d18',
  'A tar archive': '7573746172@257',
  'A program': '7f454c46 4d5a90 cafebabe cefaedfe cffaedfe 0061736d 213c617263683e',
  'An image':
    '89504e47 ffd8ff 47494638 49492a00 4d4d002a 00000100 6674797068656963@4 6674797061766966@4 57454250@8',
  'Audio or video':
    '57415645@8 41564920@8 4f676753 664c6143 49443303 49443304 fffb fff3 fff2 66747970@4 1a45dfa3 000001ba',
  'A database': '53514c69746520666f726d617420',
  'A font': '774f4646 774f4632 0001000000 4f54544f',
};
const OLE = 'd0cf11e0a1b11ae1';
const ZIPS = '504b0304 504b0506';
/** Streams of the files of Office 97 to 2003, which are no zip archives (MS-CFB). */
const OLE_FILES: readonly (readonly [string, string])[] = [
  ['WordDocument', 'A Word 97–2003 document (.doc); saved as .docx it is read. This one'],
  ['Workbook', 'An Excel 97–2003 workbook (.xls); saved as .xlsx it is read. This one'],
  ['PowerPoint Document', 'A PowerPoint 97–2003 file (.ppt); saved as .pptx it is read. This one'],
  ['__substg1.0_', 'An Outlook message (.msg); saved as .eml it is read. This one'],
];
const OFFICE_FOLDERS: readonly (readonly [string, FileKind])[] = [
  ['word/', 'docx'],
  ['xl/', 'xlsx'],
  ['ppt/', 'pptx'],
];
const HEAD_BYTES = 1024;
/**
 * The longest type has 55 letters. It is to be stored, not deflated (OCF 4.3, ODF part 2, 3.3), but programs that pack
 * such a file again deflate it, which at this size costs nothing.
 */
const MAX_MIMETYPE_BYTES = 100;
const PDF = /^\s*%PDF-|%PDF-\d\.\d\s+%[\x80-\xff]{4}/;
const HTML = /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?(?:\s|<!--.*?-->)*<(?:!doctype\s+html|html)\b/is;

/** A kind of file that takes a reader of its own. */
export type Signature = 'pdf' | 'zip' | 'ole';

/** The signature in the first bytes of a file, without opening it. Undefined for text, and for what is never read. */
export function signatureOf(bytes: Uint8Array): Signature | undefined {
  if (PDF.test(headOf(bytes))) return 'pdf';
  if (hasSignature(bytes, ZIPS)) return 'zip';
  return hasSignature(bytes, OLE) ? 'ole' : undefined;
}

/**
 * Tells a file by its content. Undefined for text, whose kind only its name tells, and for bytes that are not known.
 *
 * @throws {ReadError} DOCUMENT_ENCRYPTED when an Office file is protected by a password
 * @throws {ReadError} DOCUMENT_DAMAGED when a zip archive is cut off
 */
export function sniff(bytes: Uint8Array): Sniffed {
  const signature = signatureOf(bytes);
  if (signature === 'pdf') return { kind: 'pdf' };
  if (signature === 'zip') return sniffZip(openZip(bytes));
  if (signature === 'ole') return sniffOle(bytes);
  const refused = Object.keys(REFUSED).find((name) => hasSignature(bytes, REFUSED[name] ?? ''));
  if (refused !== undefined) return { refused };
  return HTML.test(headOf(bytes)) ? { kind: 'html' } : undefined;
}

function headOf(bytes: Uint8Array): string {
  return latin1(bytes.subarray(0, HEAD_BYTES));
}

function hasSignature(bytes: Uint8Array, signatures: string): boolean {
  return signatures.split(' ').some((signature) => {
    const [hex = '', at = '0'] = signature.split('@');
    const expected = Buffer.from(hex, 'hex');
    return expected.equals(bytes.subarray(Number(at), Number(at) + expected.length));
  });
}

function sniffZip(zip: Zip): Sniffed {
  const type = latin1(zip.read('mimetype', MAX_MIMETYPE_BYTES) ?? new Uint8Array()).trim();
  if (type === 'application/epub+zip') return { kind: 'epub', zip };
  if (/^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)/.test(type))
    return { kind: 'odf', zip };
  const names = zip.names.map((name) => name.toLowerCase());
  if (names.includes('xl/workbook.bin')) return { refused: 'A binary Excel workbook (.xlsb)' };
  const kind = OFFICE_FOLDERS.find(([folder]) => names.some((name) => name.startsWith(folder)))?.[1];
  const isOffice = names.includes('[content_types].xml') || names.includes('_rels/.rels');
  return kind !== undefined && isOffice ? { kind, zip } : { refused: 'A zip archive' };
}

function sniffOle(bytes: Uint8Array): Sniffed {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const holds = (name: string) => text.includes(Buffer.from(name, 'utf16le'));
  if (holds('EncryptedPackage')) throw new ReadError('DOCUMENT_ENCRYPTED');
  return { refused: OLE_FILES.find(([name]) => holds(name))?.[1] ?? 'A file of Office 97–2003' };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
