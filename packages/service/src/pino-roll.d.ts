declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';

  interface RollingStream extends EventEmitter {
    write(line: string): boolean;
    end(): void;
    destroy(): void;
  }

  interface RollOptions {
    readonly file: string;
    readonly extension?: string;
    readonly size?: string | number;
    readonly limit?: { readonly count: number; readonly removeOtherLogFiles?: boolean };
    readonly sync?: boolean;
  }

  function pinoRoll(options: RollOptions): Promise<RollingStream>;
  export = pinoRoll;
}
