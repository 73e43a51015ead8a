import { describe, expect, it } from 'vitest';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { readQuestion } from '../question/question.ts';
import { stemOf, stemsOf } from '../text/words.ts';
import { extractAnswer } from './extract.ts';

interface Piece {
  readonly id: string;
  readonly text: string;
  readonly heading?: readonly string[];
  readonly title?: string;
  readonly start?: number;
}

/** Chunks found in this order, out of a collection of only them. */
function ask(text: string, pieces: readonly Piece[]) {
  const question = readQuestion(text);
  const results = pieces.map(
    ({ id, heading = [], title, start = 0, text: body }, position): RetrievedChunk => ({
      chunk: {
        documentId: id,
        ordinal: position,
        start,
        end: start + body.length,
        text: body,
        heading,
        context: '',
        title,
        url: `https://example.org/${id}`,
        inline: 'markdown',
        blocks: undefined,
        metadata: {},
      },
      score: 10 - position,
    }),
  );
  const indexed = pieces.map(({ text: body, heading = [], title = '' }) =>
    stemsOf([title, ...heading, body].join('\n')),
  );
  const frequencies = question.terms.map(
    ({ raw }) => indexed.filter((stems) => stems.has(stemOf(raw))).length,
  );
  return extractAnswer(question, results, { chunks: pieces.length, frequencies });
}

const ANIMALS: readonly Piece[] = [
  {
    id: 'walrus',
    title: 'Walrus',
    heading: ['Walrus', 'Food'],
    text: 'The walrus lives in cold seas. It eats clams and other shellfish. A herd rests on ice.',
    start: 100,
  },
  {
    id: 'fox',
    title: 'Fox',
    heading: ['Fox'],
    text: 'A fox is a small wild animal of the dog family. Foxes were counted in 1987: there were 4,000.\n\n\\--red\n\nShows red foxes only.',
  },
];

describe('an extractive answer', () => {
  it('quotes the sentence that answers, with offsets into the document', () => {
    const { answer, citations } = ask('What does the walrus eat?', ANIMALS);
    expect(answer).toContain('It eats clams and other shellfish.');
    const [citation] = citations;
    expect(citation).toMatchObject({
      index: 1,
      document_id: 'walrus',
      chunk_id: 'walrus#0',
      url: 'https://example.org/walrus',
      heading: ['Walrus', 'Food'],
      verified: true,
    });
    const text = ANIMALS[0]?.text ?? '';
    expect(citation?.quote).toBe(text.slice((citation?.start ?? 0) - 100, (citation?.end ?? 0) - 100));
  });

  it('puts the number of its citation after each quote, in reading order, and has at most three sentences', () => {
    const text = [
      'The red key opens the gate.',
      'Filler is here.',
      'The red key opens the cellar door.',
      'The red key opens a box, too.',
      'A red key opens the roof, also.',
    ];
    const { answer, citations } = ask('What does the red key open?', [
      { id: 'keys', text: text.join('\n\n') },
    ]);
    expect(citations.length).toBeLessThanOrEqual(3);
    expect(citations.map(({ start }) => start)).toEqual(
      citations.map(({ start }) => start).toSorted((a, b) => a - b),
    );
    expect(answer).toBe(citations.map(({ quote, index }) => `${quote} [${index}]`).join(' '));
  });

  it('finds an option by its letters and says what it does', () => {
    const { answer } = ask('What does --red do?', ANIMALS);
    expect(answer).toBe('--red: Shows red foxes only. [1]');
  });

  it('prefers a sentence with a number where the question is how many', () => {
    expect(ask('How many foxes were counted?', ANIMALS).answer).toContain('there were 4,000');
  });

  it('takes the sentence before along when a sentence refers back to it', () => {
    const text =
      'The north gate was added by the monks. It collapsed in the flood of 1602 and was never rebuilt.';
    const { citations } = ask('When did the gate collapse in the flood?', [{ id: 'gate', text }]);
    expect(citations[0]?.quote).toBe(text);
  });

  it('names the page, not a heading that all pages have, where a sentence does not say what it is about', () => {
    const piece = {
      id: 'bisect',
      title: 'git-bisect(1)',
      text: 'This command finds the commit that introduced a bug.',
    };
    const question = 'How can I find the commit that introduced a bug?';
    const answer = 'This command finds the commit that introduced a bug. [1]';
    expect(ask(question, [{ ...piece, heading: ['Manual', 'DESCRIPTION'] }]).answer).toBe(
      `git-bisect(1): ${answer}`,
    );
    expect(ask(question, [{ ...piece, heading: ['Bisecting'] }]).answer).toBe(`Bisecting: ${answer}`);
  });

  it('names a term once, however many of its sentences are quoted', () => {
    const text = [
      '## Commands',
      'basin list\n: Shows all levels of the basin.',
      'basin pop\n: Takes the newest level from the list and pumps it into the tank.\n\n    Pumping the level can fail; in this case the basin keeps it on the list, and you call `basin drop` by hand.',
    ].join('\n\n');
    const { answer, citations } = ask('What does basin pop do when pumping can fail?', [
      { id: 'basin', text },
    ]);
    expect(citations.length).toBeGreaterThan(1);
    expect(answer.match(/basin pop:/g)).toHaveLength(1);
  });

  it('reads well: links by their words, without marks', () => {
    const text =
      'See **the** [guide](https://example.org/a_b "x") for \\-f and `--soft_mode` and snake_case_names.';
    expect(ask('Where is the guide for snake case names?', [{ id: 'g', text }]).answer).toBe(
      'See the guide for -f and `--soft_mode` and snake_case_names. [1]',
    );
  });

  it('cites by its own marks alone: those of the text are put otherwise', () => {
    const text = 'The walrus eats clams and other shellfish.[2]';
    const { answer, citations } = ask('What does the walrus eat?', [{ id: 'walrus', text }]);
    expect(answer).toBe('The walrus eats clams and other shellfish.(2) [1]');
    expect(citations[0]?.quote).toBe(text);
  });

  it('is none when what was found is about something else', () => {
    expect(ask('What is the boiling point of ethanol?', ANIMALS)).toMatchObject({
      answer: '',
      citations: [],
    });
    expect(ask('How do I configure Kubernetes for the walrus?', ANIMALS).citations).toEqual([]);
  });

  it('is none when nothing was found', () => {
    expect(ask('What does the walrus eat?', []).citations).toEqual([]);
  });
});

describe('what only looks like an answer', () => {
  const LAMP: Piece = {
    id: 'lamp',
    title: 'lamp(1)',
    heading: ['SEE ALSO'],
    text: 'The whole manual of the lamp command, what it does: lamp(7).',
  };

  it('is not where more is to be read', () => {
    const name: Piece = {
      id: 'lamp-name',
      title: 'lamp(1)',
      heading: ['NAME'],
      text: 'lamp - light rooms by command',
    };
    expect(ask('What does the lamp command do?', [LAMP, name]).answer).toContain('light rooms');
    expect(ask('What does the lamp command do?', [LAMP, name]).answer).not.toContain('lamp(7)');
  });

  it('is not code that holds the words, where a reason is asked for', () => {
    const code = "```\n-- insert rows, slow\nINSERT INTO rows VALUES (1, 'slow');\n```";
    const reason = 'Each INSERT waits for the disk, which makes many rows slow to insert.';
    const found = ask('Why is it slow to insert rows?', [
      { id: 'example', text: code },
      { id: 'faq', text: reason },
    ]);
    expect(found.answer).toMatch(/^Each INSERT waits/);
  });

  it('is no number that is part of a name, where it is asked how many', () => {
    const found = ask('How many columns can a table have?', [
      { id: 'call', text: 'The db3_columns(T) routine tells of the columns that a table can have.' },
      { id: 'limit', text: 'A table can have up to 2000 columns.' },
    ]);
    expect(found.answer).toMatch(/^A table can have up to 2000/);
  });

  it('is not in documents that know nothing of the thing that others are about', () => {
    const harbour: readonly Piece[] = [
      { id: 'a', title: 'Pond', text: 'Premium support costs 120 euros a year.' },
      { id: 'b', title: 'lamp: help', text: 'Write to the list for support.' },
      { id: 'c', title: 'lamp: rooms', text: 'A lamp lights a room.' },
    ];
    const { answer, missing } = ask('What is the price of lamp support?', harbour);
    expect({ answer, missing }).toEqual({ answer: '', missing: ['price'] });
    expect(ask('What is the price of Pond support?', harbour).answer).toContain('120 euros');
  });

  it('is no list of steps to do something else', () => {
    const lists: readonly Piece[] = [
      {
        id: 'detect',
        title: 'Lamp password',
        text: 'The password of a lamp is detected in this way:\n\n1. Set any password.\n2. Ask the lamp for its password.\n3. Wait for the error.',
      },
      {
        id: 'change',
        title: 'Lamp keys',
        text: 'Use `lamp key` to change the password of a lamp.',
      },
    ];
    expect(ask('How do I change the password of a lamp?', lists).answer).toMatch(/^Use `?lamp key/);
    expect(ask('How do I detect the password of a lamp?', lists).answer).toContain('3. Wait for the error.');
  });
});

describe('a question of two halves', () => {
  const ferry = {
    id: 'ferry',
    text: 'A ticket for the ferry costs 12 crowns. The cafe on the pier is open on Sundays. The ferry leaves at 07:40.',
  };

  it('gets both, in the order asked', () => {
    const { answer } = ask('When does the ferry leave and what does it cost?', [ferry]);
    expect(answer).toMatch(/leaves at 07:40\. \[1\] A ticket for the ferry costs 12 crowns\. \[2\]/);
  });

  it('gets the half that is there', () => {
    const { answer } = ask('What does the ferry cost and who painted the zeppelin?', [ferry]);
    expect(answer).toMatch(/12 crowns/);
  });
});

const HOTEL: readonly Piece[] = [
  {
    id: 'de',
    text: 'Ein Zimmer: 80 Euro pro Person. Das Frühstück kostet 12 Euro. Hunde sind nicht erlaubt. Die Sauna ist von 16 bis 22 Uhr geöffnet.',
  },
  {
    id: 'fr',
    text: 'La chambre coûte 95 euros par nuit. Le petit déjeuner est servi de 7 h à 10 h. Les chiens ne sont pas admis.',
  },
  { id: 'es', text: 'La habitación cuesta 80 euros por noche. El desayuno se sirve de 7 a 10.' },
];

describe('the one noun of a short question in another language', () => {
  it.each([
    ['Sind Katzen erlaubt?', 'Katzen'],
    ['Was kostet das Schwimmbad?', 'Schwimmbad'],
    ['Was kostet die Lieferung?', 'Lieferung'],
    ['Combien coûte le parking ?', 'parking'],
    ['Combien coûte le dîner ?', 'dîner'],
    ['¿Cuánto cuesta el aparcamiento?', 'aparcamiento'],
  ])('%s is refused where it is nowhere', (question, noun) => {
    expect(ask(question, HOTEL)).toMatchObject({ missing: [noun], citations: [] });
  });

  it.each([
    ['Was kostet ein Zimmer?', /80 Euro/],
    ['Was kostet ein Hotelzimmer?', /Euro/],
    ['Welche Öffnungszeiten hat die Sauna?', /16 bis 22/],
    ['Sind Hunde erlaubt?', /nicht erlaubt/],
    ['Combien coûtent les chambres ?', /95 euros/],
    ['Quand est servi le déjeuner ?', /7 h à 10 h/],
    ['¿Cuánto cuestan las habitaciones?', /80 euros/],
  ])('%s is answered where it is there in any form', (question, answer) => {
    expect(ask(question, HOTEL).answer).toMatch(answer);
  });
});
