/** Something that is recorded for those who operate the stack. It never holds texts of documents or questions. */
export interface Act {
  /** Thing and verb: `document.delete`. */
  readonly what: string;
  /** Name and id of the API key, or the user of a command. */
  readonly by?: string | undefined;
  /** Network address. */
  readonly from?: string | undefined;
  /** Request id, as in the log. */
  readonly request?: string | undefined;
  readonly of?: Readonly<Record<string, unknown>> | undefined;
}

/** Where acts are recorded; `@xnai/ops` keeps them in a hash chain. */
export interface AuditLog {
  /** @throws when the act is not safely recorded: it must not be done then */
  record(act: Act): Promise<{ readonly seq: number }>;
  state(): AuditState;
}

export interface AuditState {
  readonly writer: string;
  /** The last signed line; undefined before the first. */
  readonly checkpoint: { readonly seq: number; readonly hash: string } | undefined;
  /** Why the last act could not be recorded; undefined when it was. */
  readonly failure: string | undefined;
}
