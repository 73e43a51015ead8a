import type { Block } from '@xnai/contracts';
import { plainName } from '../inline/plain-text.ts';

const NAMED = /<[a-z][a-z0-9]*[ \t][^<>]*?\b(?:id|name)[ \t]*=[ \t]*["']?([^"'<>\s]+)/gi;
const EXPLICIT = /\{#([\w.:-]+)[^{}]*\}$/;

/** Where links to a part of the document land: names in HTML, `{#id}`, and headings as GitHub names them. */
export function anchorsOf(text: string, blocks: readonly Block[]): Record<string, number> {
  const anchors = new Map<string, number>();
  for (const { index, 1: name = '' } of text.matchAll(NAMED)) setOnce(anchors, name, index);
  const counts = new Map<string, number>();
  for (const block of blocks) {
    if (block.kind !== 'heading') continue;
    const explicit = EXPLICIT.exec(text.slice(block.bodyEnd, block.end).trimEnd())?.[1];
    if (explicit !== undefined) setOnce(anchors, explicit, block.start);
    const slug = slugOf(plainName('markdown', text.slice(block.bodyStart, block.bodyEnd)));
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    setOnce(anchors, count === 0 ? slug : `${slug}-${count}`, block.start);
  }
  return Object.fromEntries(anchors);
}

function setOnce(anchors: Map<string, number>, name: string, offset: number): void {
  if (name !== '' && !anchors.has(name)) anchors.set(name, offset);
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
