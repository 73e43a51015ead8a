/** From worst to best: it will not work; it will work worse than it could or is at risk; it could be better; it is well. */
export const LEVELS = ['error', 'warning', 'advice', 'ok'] as const;
export type Level = (typeof LEVELS)[number];

export interface Finding {
  readonly level: Level;
  /** What was looked at: `podman`, `ports`, `keys`. */
  readonly subject: string;
  /** The cause, in one sentence. */
  readonly cause: string;
  /** What cures it, to be typed into a shell. */
  readonly command?: string;
}

/** Findings about one subject. */
export function about(subject: string) {
  const finding =
    (level: Level) =>
    (cause: string, command?: string): Finding => ({
      level,
      subject,
      cause,
      ...(command === undefined ? {} : { command }),
    });
  return {
    error: finding('error'),
    warning: finding('warning'),
    advice: finding('advice'),
    ok: finding('ok'),
  };
}
