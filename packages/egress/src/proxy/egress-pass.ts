import { randomBytes } from 'node:crypto';

import type { Reach } from './create-admission.ts';

export interface Credential {
  readonly username: string;
  readonly password: string;
}

/** One page's access to the proxy: its bytes are counted together over all its connections. */
export interface EgressPass extends Disposable {
  /** Good for this page alone, and until the pass is disposed of. */
  readonly credential: Credential;
}

export interface PassOptions {
  /** Over the wire, both ways. */
  readonly maxBytes: number;
  /** Called once when that is used up; the connections are cut by then. */
  readonly onSpent: () => void;
  /** By default `public`: a page asks on behalf of its own site, which the owner did not allow anything. */
  readonly reach?: Reach | undefined;
}

/** The proxy's own record of a pass. */
export interface PassRecord extends PassOptions {
  /** Of connections that are closed. */
  closedBytes: number;
  isSpent: boolean;
}

export class PassBook {
  readonly #passes = new Map<string, PassRecord>();

  issue(options: PassOptions): { readonly username: string; readonly record: PassRecord } {
    const username = `page-${randomBytes(8).toString('hex')}`;
    const record = { ...options, closedBytes: 0, isSpent: false };
    this.#passes.set(username, record);
    return { username, record };
  }

  find(username: string): PassRecord | undefined {
    return this.#passes.get(username);
  }

  revoke(username: string): void {
    this.#passes.delete(username);
  }
}
