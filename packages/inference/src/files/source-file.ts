/** One file as its source states it: a model hub or an object store. */
export interface SourceFile {
  /** Below the model directory. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined where the source states none: then only the size is compared. */
  readonly hash: FileHash | undefined;
  /** Hexadecimal, and of these bytes alone: parts of other bytes are not gone on with. */
  readonly version: string;
  readonly license: string | undefined;
  /** For logs. */
  readonly url: string;
  /** For the manifest: which state of the source it was. */
  readonly origin: FileOrigin;
  /**
   * Asks for the file from a byte on; the source may send all of it nevertheless.
   *
   * @throws {ModelFetchError}
   */
  open(fromByte: number, signal: AbortSignal): Promise<Response>;
}

export interface FileHash {
  readonly algorithm: 'sha256' | 'md5';
  readonly hex: string;
}

export interface FileOrigin {
  readonly repository?: string;
  readonly commit?: string;
  readonly etag?: string;
}
