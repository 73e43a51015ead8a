import { describe, expect, it } from 'vitest';
import { resolveQuestion } from './resolve-question.ts';
import type { Turn } from './topic.ts';

const turn = (question: string, answer = 'So it is.'): Turn => ({ question, answer });
const resolve = (question: string, ...turns: readonly Turn[]) =>
  resolveQuestion({ question, turns, generator: undefined }, {});

describe('a question that leans on what was said before', () => {
  it.each([
    ['What is the upload limit?', 'Can it be raised?', 'upload limit: Can it be raised?'],
    ['What is the upload limit?', 'And for larger files?', 'upload limit: And for larger files?'],
    ['What is the upload limit?', 'Why?', 'upload limit: Why?'],
    ['What is the upload limit?', 'How do I change that?', 'upload limit: How do I change that?'],
    ['How do I rename a branch?', 'On the server, too?', 'rename branch: On the server, too?'],
    ['Wie hoch ist der Eintritt?', 'Und für Kinder?', 'hoch Eintritt: Und für Kinder?'],
    ['Wo steht der Turm?', 'Wie hoch ist er?', 'steht Turm: Wie hoch ist er?'],
    ['Où est la mairie ?', 'Quand ouvre-t-elle ?', 'mairie: Quand ouvre-t-elle ?'],
    ['¿Dónde está el museo?', '¿Y cuándo abre?', 'museo: ¿Y cuándo abre?'],
    ['Где находится музей?', 'Когда он открыт?', 'находится музей: Когда он открыт?'],
  ])('%s %s', async (before, question, resolved) => {
    expect((await resolve(question, turn('Hello'), turn(before))).toLowerCase()).toBe(resolved.toLowerCase());
    expect(await resolve(question)).toBe(question);
  });

  it('goes on with the topic of several questions', async () => {
    const turns = [turn('What is the upload limit?'), turn('Can it be raised?')];
    expect(await resolve('By whom?', ...turns)).toBe('upload limit raised: By whom?');
    const changed = [...turns, turn('When does the ferry to the island leave?')];
    expect(await resolve('How long does it take?', ...changed)).toMatch(/^ferry island leave: /);
  });

  it('takes the name from an answer to a question for it', async () => {
    const who = turn('Who designed the bridge?', 'It was designed by Anna de Weber in 1932. [1]');
    expect(await resolve('Where was she born?', who)).toBe(
      'designed bridge Anna de Weber: Where was she born?',
    );
    const which = turn('Which command renames a branch?', 'Use `git branch -m` for it. [1]');
    expect(await resolve('What are its options?', which)).toContain('git branch -m');
  });
});

describe('a question that stands by itself', () => {
  it.each([
    'How often are failed uploads retried?',
    'Which file holds the settings that administrators change?',
    'Welche Datei enthält die Einstellungen der Verwaltung?',
    '¿Cuál es el límite de memoria?',
    'What is a detached HEAD?',
  ])('%s', async (question) => {
    expect(await resolve(question, turn('What is the upload limit?'))).toBe(question);
  });

  it('is one that would become too long', async () => {
    const long = `${'x'.repeat(1_970)} can it be raised?`;
    expect(await resolve(long, turn('What is the upload limit of the archive?'))).toBe(long);
  });
});
