import type { Zip } from './open-zip.ts';
import { parseXml, type XmlElement } from './parse-xml.ts';

/**
 * The root element of an XML entry of an archive; undefined where there is no such entry.
 *
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its elements are too deep or too many
 * @throws {ReadError} DOCUMENT_DAMAGED when it does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when it needs a password
 */
export function parsePart(zip: Zip, name: string): XmlElement | undefined {
  const bytes = zip.read(name);
  return bytes === undefined ? undefined : parseXml(bytes);
}
