/** The health of one part. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'down' | 'absent';
  readonly detail: string;
}
