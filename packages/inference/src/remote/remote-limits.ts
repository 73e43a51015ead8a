/** How long a server may take, and how much it may send. */
export interface RemoteLimits {
  /** For a whole answer that is not a stream. */
  readonly answerMs: number;
  /** Until a stream brings its first word: a long prompt may wait in the server's own queue. */
  readonly firstWordMs: number;
  /** Between two words. Comments that keep a connection open are no words. */
  readonly silenceMs: number;
  /** For a whole stream. */
  readonly streamMs: number;
  /** For a look at whether the server is there. */
  readonly lookMs: number;
  /** Between two looks at a server that is there. */
  readonly lookEveryMs: number;
  /** The same, after a first failure; it doubles up to `lookEveryMs`. */
  readonly lookAgainMs: number;
  readonly maxAnswerBytes: number;
  /** Of one event of a stream. */
  readonly maxEventBytes: number;
}

/** A model process of our own is given up after 120 s without a word, too. */
export const REMOTE_LIMITS: RemoteLimits = {
  answerMs: 120_000,
  firstWordMs: 120_000,
  silenceMs: 30_000,
  streamMs: 900_000,
  lookMs: 5_000,
  lookEveryMs: 15_000,
  lookAgainMs: 1_000,
  maxAnswerBytes: 16 * 2 ** 20,
  maxEventBytes: 2 ** 20,
};
