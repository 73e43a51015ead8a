import { computed, signal } from '@preact/signals';

export const PANELS = ['ask', 'documents', 'crawls', 'state'] as const;
export type PanelName = (typeof PANELS)[number];

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The address after `#/`: the panel, and what is open in it. */
export const route = computed(() => {
  const [name, ...rest] = hash.value.replace(/^#\/?/, '').split('/').map(decode);
  return { panel: PANELS.find((panel) => panel === name) ?? 'ask', rest };
});

export function linkTo(panel: PanelName, ...rest: readonly string[]): string {
  return `#/${[panel, ...rest].map(encodeURIComponent).join('/')}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Someone typed a stray percent sign.
    return part;
  }
}
