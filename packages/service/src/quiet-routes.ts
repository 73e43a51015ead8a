/** Probes request these every few seconds. */
export const QUIET_ROUTES: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz', '/metrics']);
