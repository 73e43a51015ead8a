import { readdirSync } from 'node:fs';

/** Whether the system shows a GPU to this process; without one no driver is asked. */
export function hasGpuNode(): boolean {
  return (
    entries('/dev/dri').some((name) => name.startsWith('renderD')) ||
    entries('/dev').some((name) => /^(nvidia\d|dxg$|kfd$)/.test(name))
  );
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // without the folder there is no such device
  }
}
