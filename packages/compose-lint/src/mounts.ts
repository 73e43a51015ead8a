import { posix } from 'node:path';
import type { Path } from './located.ts';
import type { Service } from './schema.ts';
import { parseSize } from './size.ts';

export interface Mount {
  readonly kind: 'tmpfs' | 'bind' | 'volume';
  readonly source: string | undefined;
  readonly destination: string;
  readonly options: readonly string[];
  readonly isReadOnly: boolean;
  /** Within the service. */
  readonly path: Path;
}

/** Every mount of a service, destinations normalised, in the order: tmpfs, volumes. */
export function mountsOf(service: Pick<Service, 'tmpfs' | 'volumes'>): readonly Mount[] {
  return [
    ...service.tmpfs.map((text, index) => tmpfsMount(text, ['tmpfs', index])),
    ...service.volumes.map((volume, index) => volumeMount(volume, ['volumes', index])),
  ];
}

/** The paths that the images in use declare as VOLUME: unmounted, each becomes an anonymous volume on disk. */
export function imageVolumes(service: Service): readonly string[] {
  return /(^|\/)(redis|valkey)(:|$)/.test(service.image ?? '') ? ['/data'] : [];
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

export function tmpfsBytes({ options }: Mount): number | undefined {
  const size = options.find((option) => option.startsWith('size='))?.slice('size='.length);
  return size === undefined ? undefined : parseSize(size);
}

function tmpfsMount(text: string, path: Path): Mount {
  const [destination = '', options = ''] = split(text);
  return {
    kind: 'tmpfs',
    source: undefined,
    destination: normalise(destination),
    options: options.split(',').filter(Boolean),
    isReadOnly: false,
    path,
  };
}

function volumeMount(volume: Service['volumes'][number], path: Path): Mount {
  if (typeof volume !== 'string') {
    const size = volume.tmpfs?.size;
    return {
      kind: volume.type,
      source: volume.source,
      destination: normalise(volume.target),
      options: size === undefined ? [] : [`size=${size}`],
      isReadOnly: volume.read_only === true,
      path,
    };
  }
  const parts = volume.split(':');
  const [source, destination, options = ''] = parts.length === 1 ? [undefined, parts[0]] : parts;
  const list = options.split(',').filter(Boolean);
  return {
    kind: source !== undefined && /^[./~]/.test(source) ? 'bind' : 'volume',
    source,
    destination: normalise(destination ?? ''),
    options: list,
    isReadOnly: list.includes('ro'),
    path,
  };
}

function split(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function normalise(destination: string): string {
  const path = posix.normalize(destination);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
