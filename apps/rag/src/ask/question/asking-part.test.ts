import { describe, expect, test } from 'vitest';
import { askingPartOf, halvesOf } from './asking-part.ts';

const STORY =
  'Last summer I went to the harbour with two nephews and their dog, and we wondered about the tide, the seagulls, the colour of the lighthouse and the history of the pilots. '.repeat(
    2,
  );

describe('the part of a text that asks', () => {
  test.each([
    ['a short text', 'It rains. What does the ferry cost?', 'It rains. What does the ferry cost?'],
    ['the last question of a story', `${STORY}What does the ferry cost?`, 'What does the ferry cost?'],
    [
      'a question within a story',
      `${STORY}What does the ferry cost? Thank you.`,
      'What does the ferry cost?',
    ],
    [
      'with the sentence that says what it is about',
      `${STORY}The ferry was full. Why is it?`,
      'The ferry was full. Why is it?',
    ],
    ['a story that asks nothing', STORY.trim(), STORY.trim()],
  ])('%s', (_what, text, part) => {
    expect(askingPartOf(text)).toBe(part);
  });
});

describe('the halves of a question', () => {
  test.each([
    ['What does the ferry cost and when does it leave?', 'What does the ferry cost', 'when does it leave?'],
    ['What is the ferry? Where is it kept?', 'What is the ferry?', 'Where is it kept?'],
    ['Was kostet die Fähre und wann fährt sie ab?', 'Was kostet die Fähre', 'wann fährt sie ab?'],
    ['Combien coûte le bac et quand part-il ?', 'Combien coûte le bac', 'quand part-il ?'],
    ['How do I stop and start the pump?', 'How do I stop and start the pump?'],
    ['What is the difference between fetch and pull?', 'What is the difference between fetch and pull?'],
  ])('%s', (text, ...halves) => {
    expect(halvesOf(text)).toEqual(halves);
  });
});
