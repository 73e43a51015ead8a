import { analyse } from '@xnai/text/analyse';

/** How a made-up leg scores a text for a question. */
export interface LegShape {
  readonly name: string;
  /** Dimensions of its vectors of words; 0: it knows no words. */
  readonly dimensions: number;
  /** Added to the cosine where the text is relevant, on average: anything up to twice that. */
  readonly bump: number;
}

/** From useless to near-perfect: noise, words as a weak model knows them, and how far what is relevant stands out. */
export const SHAPES: readonly LegShape[] = [
  { name: 'noise', dimensions: 0, bump: 0 },
  { name: 'few words', dimensions: 16, bump: 0 },
  { name: 'some words', dimensions: 48, bump: 0 },
  { name: 'words', dimensions: 128, bump: 0 },
  { name: 'words + 0.05', dimensions: 128, bump: 0.05 },
  { name: 'words + 0.1', dimensions: 128, bump: 0.1 },
  { name: 'words + 0.15', dimensions: 128, bump: 0.15 },
  { name: 'words + 0.2', dimensions: 128, bump: 0.2 },
  { name: 'words + 0.3', dimensions: 128, bump: 0.3 },
  { name: 'words + 0.5', dimensions: 128, bump: 0.5 },
  { name: 'words + 1', dimensions: 128, bump: 1 },
  { name: 'noise + 0.2', dimensions: 0, bump: 0.2 },
  { name: 'noise + 0.4', dimensions: 0, bump: 0.4 },
];

/** Spread of what is no words at all. */
const NOISE = 0.1;

export type Leg = (question: Asked, text: Told, isRelevant: boolean) => number;

/** A question or a text with a name of its own, by which what is random about it is always the same. */
export interface Asked {
  readonly id: string;
  readonly vector: Float32Array;
}
export type Told = Asked;

export function makeUpLeg({ name, bump }: LegShape): Leg {
  return (question, text, isRelevant) => {
    const random = randomOf(`${name} ${question.id} ${text.id}`);
    const noise = question.vector.length === 0 ? gauss(random) * NOISE : 0;
    const extra = isRelevant ? 2 * bump * random() : 0;
    return cosine(question.vector, text.vector) + noise + extra;
  };
}

/** The sum of a random direction for each term, by how rare the term is. */
export function vectorOf(text: string, dimensions: number, weigh: (term: string) => number): Float32Array {
  const vector = new Float32Array(dimensions);
  if (dimensions === 0) return vector;
  for (const { term, isPart } of analyse(text)) {
    if (isPart) continue;
    const weight = weigh(term);
    const direction = directionOf(term, dimensions);
    for (let at = 0; at < dimensions; at++) vector[at] = (vector[at] ?? 0) + weight * (direction[at] ?? 0);
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

const directions = new Map<string, Float32Array>();

function directionOf(term: string, dimensions: number): Float32Array {
  const key = `${dimensions} ${term}`;
  let direction = directions.get(key);
  if (direction === undefined) {
    const random = randomOf(key);
    direction = Float32Array.from({ length: dimensions }, () => gauss(random));
    directions.set(key, direction);
  }
  return direction;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** Always the same sequence for the same name (FNV-1a, then mulberry32). */
function randomOf(name: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) state = Math.imul(state ^ name.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
