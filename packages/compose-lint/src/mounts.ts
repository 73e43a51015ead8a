import { posix } from 'node:path';
import type { Path } from './located.ts';
import type { Service } from './schema.ts';

export interface Mount {
  readonly kind: 'tmpfs' | 'bind' | 'volume' | 'image' | 'cluster' | 'npipe';
  readonly source: string | undefined;
  readonly destination: string;
  readonly options: readonly string[];
  readonly isReadOnly: boolean;
  readonly path: Path;
}

/** Every mount of a service, destinations normalised, in the order: tmpfs, volumes. */
export function mountsOf(name: string, service: Service): readonly Mount[] {
  return [
    ...service.tmpfs.map((text, index) => tmpfsMount(text, ['services', name, 'tmpfs', index])),
    ...service.volumes.map((volume, index) => volumeMount(volume, ['services', name, 'volumes', index])),
  ];
}

const IMAGE_VOLUMES: Readonly<Record<string, readonly string[]>> = {
  redis: ['/data'],
  valkey: ['/data'],
  prometheus: ['/prometheus'],
  alertmanager: ['/alertmanager'],
};

/** The paths that the images in use declare as VOLUME: unmounted, each becomes an anonymous volume on disk. */
export function imageVolumes(service: Service): readonly string[] {
  const name = /([^/:]+)(:[^/]*)?$/.exec(service.image ?? '')?.[1] ?? '';
  return IMAGE_VOLUMES[name] ?? [];
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
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
    const { size, mode } = volume.tmpfs ?? {};
    return {
      kind: volume.type,
      source: volume.source,
      destination: normalise(volume.target),
      options: [
        ...(size === undefined ? [] : [`size=${size}`]),
        ...(mode === undefined ? [] : [`mode=${octal(mode)}`]),
      ],
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

/** The long form gives a mode as a number, which YAML 1.2 reads as decimal unless it begins with 0o. */
function octal(mode: string): string {
  return /^0/.test(mode) ? mode : Number(mode).toString(8);
}

function split(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function normalise(destination: string): string {
  const path = posix.normalize(destination);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
