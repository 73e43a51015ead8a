import type { DocumentInput } from '@xnai/contracts';
import { createMadeUpText, type MadeUpText } from './made-up-text.ts';

/** Markdown documents of five sections, each about one chunk long; the same at every run. */
export function makeDocuments(count: number, seed = 1): readonly DocumentInput[] {
  const text = createMadeUpText(seed);
  return Array.from({ length: count }, (_, index) => ({
    content: Array.from({ length: 5 }, (_, section) => makeSection(text, section)).join('\n\n'),
    content_type: 'text/markdown' as const,
    title: `${text.words(3)} ${index}`,
  }));
}

function makeSection(text: MadeUpText, section: number): string {
  const items = Array.from({ length: 3 }, () => `- ${text.sentence()}`).join('\n');
  return `## ${text.words(3)} ${section}\n\n${text.paragraph(5)}\n\n${items}\n\n${text.paragraph(3)}`;
}

const ASKING = ['What is the', 'How do I', 'Which', 'Why does the', 'Where can you'];

/** Questions of four to nine words, as somebody might ask them. */
export function makeQuestions(count: number, seed = 2): readonly string[] {
  const text = createMadeUpText(seed);
  return Array.from(
    { length: count },
    () => `${ASKING[text.integer(ASKING.length)]} ${text.words(2 + text.integer(4))} of ${text.words(1)}?`,
  );
}
