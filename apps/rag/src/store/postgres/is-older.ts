/** Of versions as PostgreSQL and its extensions have them: numbers between points. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
