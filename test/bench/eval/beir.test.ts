import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEvalSet } from './beir.ts';

describe('a folder in the layout of BEIR', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'xnai-beir-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, content: string | Buffer) => writeFile(join(folder, name), content);

  it('may be gzipped, with numeric ids, without titles and without a header in the qrels', async () => {
    await put(
      'corpus.jsonl.gz',
      gzipSync('{"_id": 7, "text": "a fox"}\n{"_id": "8", "title": "Owl", "text": ""}\n'),
    );
    await put('queries.jsonl', '{"_id": 1, "text": "fox?"}\n');
    await put('qrels.tsv', '1\t7\t2\n1\t8\t0\n');
    const set = await readEvalSet(folder);
    expect(set.documents).toEqual([
      { id: '7', title: '', text: 'a fox' },
      { id: '8', title: 'Owl', text: '' },
    ]);
    expect(set.queries).toEqual([{ id: '1', text: 'fox?', answers: [], isImpossible: false }]);
    expect(set.judgements.get('1')).toEqual(
      new Map([
        ['7', 2],
        ['8', 0],
      ]),
    );
  });

  it('may have a header, Windows line ends, or the four columns of TREC', async () => {
    await put('corpus.jsonl', '{"_id": "d", "text": "t"}\r\n');
    await put('queries.jsonl', '{"_id": "q", "text": "t"}\r\n');
    await put('qrels.tsv', 'query-id\tcorpus-id\tscore\r\nq\td\t1\r\n');
    expect((await readEvalSet(folder)).judgements.get('q')).toEqual(new Map([['d', 1]]));
    await put('qrels.tsv', 'q 0 d 3\n');
    expect((await readEvalSet(folder)).judgements.get('q')).toEqual(new Map([['d', 3]]));
  });

  it('may carry answers in several forms', async () => {
    await put('corpus.jsonl', '{"_id": "d", "text": "t"}\n');
    await put(
      'queries.jsonl',
      [
        '{"_id": 1, "text": "q", "answers": ["a", "b"]}',
        '{"_id": 2, "text": "q", "answers": {"text": ["c"], "answer_start": [3]}}',
        '{"_id": 3, "text": "q", "answers": [{"text": "d", "answer_start": 0}], "is_impossible": false}',
        '{"_id": 4, "text": "q", "answers": [], "is_impossible": true}',
        '{"_id": 5, "text": "q", "answer": 42}',
      ].join('\n'),
    );
    const { queries, judgements } = await readEvalSet(folder);
    expect(queries.map(({ answers }) => answers)).toEqual([['a', 'b'], ['c'], ['d'], [], ['42']]);
    expect(queries.map(({ isImpossible }) => isImpossible)).toEqual([false, false, false, true, false]);
    expect(judgements.size).toBe(0);
  });

  it('says what is wrong with it', async () => {
    await expect(readEvalSet(folder)).rejects.toThrow('has no corpus.jsonl');
    await put('corpus.jsonl', '{"text": "t"}\n');
    await expect(readEvalSet(folder)).rejects.toThrow('has no queries.jsonl');
    await put('queries.jsonl', '');
    await expect(readEvalSet(folder)).rejects.toThrow('line 1 has no _id');
    await put('corpus.jsonl', '{"_id": "d", "text": "t"}\n');
    await put('queries.jsonl', 'query\n');
    await expect(readEvalSet(folder)).rejects.toThrow('line 1 is not JSON');
  });
});
