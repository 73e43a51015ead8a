import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { readJson, readJsonLines } from './read-json.ts';

describe('readJson', () => {
  it('writes values as definitions under their path', () => {
    const text =
      '{"library":"closes at nine","server":{"port":8080,"tags":["a","b"],"on":true,"off":null},"empty":{}}';
    const document = readJson(text);
    const terms = document.blocks.map((block) => block.kind === 'definition' && block.term);
    expect(terms).toEqual(['library', 'server.port', 'server.tags', 'server.on', 'server.off', 'empty']);
    expect(blocksOf(document)).toEqual([
      'definition: closes at nine',
      'definition: 8080',
      'definition: a, b',
      'definition: true',
      'definition: null',
      'definition: {}',
    ]);
  });

  it('writes records with the same fields as a table, nested ones under a path', () => {
    const document = readJson(
      '{"ports":[{"name":"Kiel","at":{"lat":54.3}},{"name":"Ulm","at":{"lat":48.4},"dry":true}]}',
    );
    expect(blocksOf(document)).toEqual([
      'caption: ports',
      'row: name | at.lat | dry',
      'row: Kiel | 54.3 | ',
      'row: Ulm | 48.4 | true',
    ]);
    expect(document.tables).toEqual([{ columns: ['name', 'at.lat', 'dry'] }]);
  });

  it('numbers records that differ or hold records', () => {
    const document = readJson('[{"a":1,"list":[{"b":2},{"c":[{"d":3}]}]},"end"]');
    const terms = document.blocks.map((block) => (block.kind === 'definition' ? block.term : block.kind));
    expect(terms).toEqual(['[0].a', '[0].list[0].b', '[0].list[1].c[0].d', '[1]']);
  });

  it('quotes names that would be read as a path', () => {
    const document = readJson('{"exports":{"./a.b":{"x y":1}}}');
    expect(document.blocks[0]).toMatchObject({ term: 'exports["./a.b"]["x y"]' });
  });

  it('keeps every digit of a number', () => {
    expect(blocksOf(readJson('{"id":12345678901234567890,"v":1.0,"big":1e400}'))).toEqual([
      'definition: 12345678901234567890',
      'definition: 1.0',
      'definition: 1e400',
    ]);
  });

  it('reads one value a line, and names the line that is none', () => {
    expect(blocksOf(readJsonLines('{"a":1,"b":2}\n\n{"a":3,"b":4}\n'))).toEqual([
      'row: a | b',
      'row: 1 | 2',
      'row: 3 | 4',
    ]);
    expect(() => readJsonLines('{"a":1}\n{"a":')).toThrow(/Line 2 is not valid JSON/);
  });

  it('refuses what is no JSON, and what is nested too deep', () => {
    expect(() => readJson('{"a":1')).toThrow(expect.objectContaining({ code: 'DOCUMENT_NOT_READABLE' }));
    expect(() => readJson('{"secret":"word",x}')).toThrow(/^(?!.*secret)/);
    expect(() => readJson('[1,"secret words",©]')).toThrow(/Unexpected token '©'$/);
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    expect(() => readJson(deep)).toThrow(expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }));
  });

  it('shortens long paths, so that text does not grow with the square of the depth', () => {
    const text = `${'{"v":1,"a":'.repeat(1000)}1${'}'.repeat(1000)}`;
    expect(readJson(text).text.length).toBeLessThan(100_000);
  });
});
