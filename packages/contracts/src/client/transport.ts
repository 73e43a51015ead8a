/** One HTTP request. */
export interface TransportRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  readonly signal: AbortSignal | null;
}

/** The part of `Response` that the client reads: either `text()` or `body`, once. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
}

/** Sends a request. `fetch` is one; `openNodeTransport` of `@xnai/contracts/node-transport` opens another. */
export type Transport = (url: string, request: TransportRequest) => Promise<TransportResponse>;
