const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function when(iso: string): string {
  return MOMENT.format(new Date(iso));
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** What stands in an object beside further objects, in words. */
export function facts(of: Readonly<Record<string, unknown>> = {}): string {
  const plain = Object.entries(of).filter(([, value]) => typeof value !== 'object');
  return plain.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`).join(', ');
}
