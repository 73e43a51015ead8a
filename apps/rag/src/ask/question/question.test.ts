import { describe, expect, it } from 'vitest';
import { readQuestion } from './question.ts';

describe('a question', () => {
  it.each([
    ['How many parents does a merge have?', 'quantity'],
    ['When was the tower built?', 'time'],
    ['In what year did it open?', 'time'],
    ['Who wrote it?', 'person'],
    ['Where is the file kept?', 'place'],
    ['Why does it fail?', 'reason'],
    ['How do I undo a commit?', 'method'],
    ['Which option hides it?', 'method'],
    ['Dis-moi comment changer le filtre', 'method'],
    ['Je veux savoir comment faire', 'method'],
    ['What is a comment?', 'definition'],
    ['What is a pack file?', 'definition'],
    ['undo last commit', 'other'],
  ])('%s asks for a %s', (text, kind) => {
    expect(readQuestion(text).kind).toBe(kind);
  });

  it('is carried by the words of its subject, not by those of the asking', () => {
    const { terms } = readQuestion('What does the author of the list mean by deleting Files?');
    expect(terms.map(({ raw, emphasis }) => [raw, emphasis])).toEqual([
      ['author', 1],
      ['list', 0.3],
      ['mean', 0.3],
      ['deleting', 1],
      ['Files', 1],
    ]);
  });

  it.each([
    ['When do I get my deposit back?', 0.3],
    ['How do I go to the back office?', 1],
  ])('%s has "back" as a word of weight %d', (text, weight) => {
    expect(readQuestion(text).terms.find(({ raw }) => raw === 'back')?.emphasis).toBe(weight);
  });

  it.each([
    ['How do I list all sessions?', 'list', 1],
    ['Which sessions are on the list?', 'list', 0.3],
    ['How do I get the sessions?', 'get', 0.3],
  ])('"%s" asks with %s at the weight %d', (text, word, weight) => {
    expect(readQuestion(text).terms.find(({ raw }) => raw === word)?.emphasis).toBe(weight);
  });

  it('tells names and numbers from other words, but not by a capital that begins the sentence', () => {
    const names = (text: string) =>
      readQuestion(text)
        .terms.filter(({ isName }) => isName)
        .map(({ raw }) => raw);
    expect(names('Did Ada Lovelace publish in 1843?')).toEqual(['Ada', 'Lovelace', '1843']);
    expect(names('Deleting files? Removing them?')).toEqual([]);
    expect(names('How do I use GitHub or an SSD?')).toEqual(['GitHub', 'SSD']);
  });

  it('has literals: options, identifiers, code and quoted words', () => {
    expect(readQuestion('What do --amend, `git add`, core.autocrlf and "fast forward" do?').literals).toEqual(
      ['git add', 'fast forward', '--amend', 'core.autocrlf'],
    );
    expect(readQuestion('What does -f do?').literals).toEqual(['-f']);
    expect(readQuestion('What is it, then?').literals).toEqual([]);
  });

  it('takes who says so for an aside', () => {
    const { terms } = readQuestion('How much was spent, according to President Biden?');
    expect(terms.find(({ raw }) => raw === 'Biden')).toMatchObject({ emphasis: 0.3, isName: false });
  });

  it('is taken word by word when it has function words only', () => {
    expect(readQuestion('Who is it?').terms.map(({ raw }) => raw)).toEqual(['Who', 'is', 'it']);
  });
});
