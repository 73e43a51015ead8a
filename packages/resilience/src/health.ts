/** The health of one part. */
export interface Check {
  readonly status: 'ok' | 'degraded' | 'down' | 'absent';
  readonly detail: string;
}
