import { expect, test } from 'vitest';
import { decodeText, isGarbled } from './decode-text.ts';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

test.each([
  ['UTF-8 declared in the header', Buffer.from('größe – 東京'), 'utf-8', 'größe – 東京'],
  ['UTF-8 declared nowhere', Buffer.from('größe'), undefined, 'größe'],
  ['UTF-8 although the header says Latin-1', Buffer.from('größe'), 'iso-8859-1', 'größe'],
  [
    'UTF-8 although the page says windows-1252',
    Buffer.from('<meta charset="windows-1252">größe'),
    undefined,
    '<meta charset="windows-1252">größe',
  ],
  ['Latin-1 although the header says UTF-8', bytes('gr\u00f6\u00dfe'), 'utf-8', 'größe'],
  ['windows-1252 declared nowhere', bytes([0x93], 'quoted', [0x94]), undefined, '“quoted”'],
  ['KOI8-R from the header', bytes([0xcd, 0xc9, 0xd2]), 'koi8-r', 'мир'],
  [
    'windows-1251 from the page',
    bytes('<meta charset=windows-1251>', [0xec, 0xe8, 0xf0]),
    undefined,
    '<meta charset=windows-1251>мир',
  ],
  [
    'windows-1251 from an http-equiv',
    bytes("<meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>", [0xec]),
    undefined,
    "<meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>м",
  ],
  ['Shift_JIS from the header', bytes([0x93, 0x8c, 0x8b, 0x9e]), 'Shift_JIS', '東京'],
  [
    'GBK from an XML declaration',
    bytes('<?xml version="1.0" encoding="GBK"?>', [0xb1, 0xb1]),
    undefined,
    '<?xml version="1.0" encoding="GBK"?>北',
  ],
  ['UTF-16 with its mark, whatever is declared', bytes([0xff, 0xfe, 0x41, 0, 0xf6, 0]), 'utf-8', 'Aö'],
  [
    'UTF-8 with its mark, whatever is declared',
    bytes([0xef, 0xbb, 0xbf], Buffer.from('ö').toString('latin1')),
    'iso-8859-1',
    'ö',
  ],
  ['a charset that nobody knows', Buffer.from('größe'), 'x-made-up', 'größe'],
  [
    'one bad byte in good UTF-8',
    bytes(Buffer.from('größe ').toString('latin1'), [0xff], ' end'),
    'utf-8',
    'größe \ufffd end',
  ],
  [
    'UTF-8 from the header although the page says GBK',
    Buffer.from('<meta charset=gbk>größe'),
    'utf-8',
    '<meta charset=gbk>größe',
  ],
  [
    'UTF-8 although the page says UTF-16, which its own bytes deny',
    Buffer.from('<meta charset="utf-16">größe'),
    undefined,
    '<meta charset="utf-16">größe',
  ],
  ['UTF-8 although the header says UTF-16', Buffer.from('größe'), 'utf-16', 'größe'],
  ['UTF-16 declared nowhere', Buffer.from('<p>größe', 'utf16le'), undefined, '<p>größe'],
  ['ISO-2022-JP declared nowhere', bytes([0x1b], '$BEl5~', [0x1b], '(B.'), undefined, '東京.'],
  [
    'UTF-8 although the page says GBK, in which the bytes have no meaning',
    Buffer.from('<meta charset=gbk>größe – ü'),
    undefined,
    '<meta charset=gbk>größe – ü',
  ],
  [
    'windows-1251 by the language of the page',
    bytes('<html lang="ru-RU"><p>', [0xec, 0xe8, 0xf0]),
    undefined,
    '<html lang="ru-RU"><p>мир',
  ],
  [
    'KOI8-R, declared behind 9 KB of comments',
    bytes(`<!-- ${'x'.repeat(9000)} --><meta charset=koi8-r>`, [0xcd, 0xc9, 0xd2]),
    undefined,
    `<!-- ${'x'.repeat(9000)} --><meta charset=koi8-r>мир`,
  ],
  [
    'UTF-8 that shows how GBK is declared',
    Buffer.from('Ärger über Öl: schöne Grüße an Jürgen, äh, Özgür `<meta charset=gbk>`'),
    undefined,
    'Ärger über Öl: schöne Grüße an Jürgen, äh, Özgür `<meta charset=gbk>`',
  ],
  ['nothing', Buffer.alloc(0), 'utf-8', ''],
])('%s', (_name, body, declared, text) => {
  expect(decodeText(body, declared)).toBe(text);
});

test('any bytes with any declaration give some text', () => {
  const all = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167) % 256));
  for (const charset of [
    'utf-8',
    'utf-16le',
    'gb18030',
    'euc-jp',
    'iso-2022-jp',
    'big5',
    'macintosh',
    '',
    'null',
  ]) {
    expect(decodeText(all, charset).length).toBeGreaterThan(0);
  }
});

test.each([
  ['a comment', '<!-- <meta charset="shift_jis"> -->'],
  ['a script', '<script>"<meta charset=shift_jis>"</script>'],
  ['the text of the page', '</head><body><meta charset=shift_jis>'],
  ['another attribute', '<meta name="description" content="charset=shift_jis">'],
])('a charset that stands in %s is not declared', (_, html) => {
  const body = bytes(`<html lang=ru><head>${html}<p>`, [0xec, 0xe8, 0xf0]);
  expect(decodeText(body)).toContain('<p>мир');
});

test('text with more than one replacement character in a hundred is garbled, and with fewer it is not', () => {
  expect(isGarbled(`${'x'.repeat(97)}\ufffd\ufffd`)).toBe(true);
  expect(isGarbled(`${'x'.repeat(99)}\ufffd`)).toBe(false);
  expect(isGarbled('')).toBe(false);
});

test('bytes that are no text are garbled in every charset that they decode in, and a log of a terminal is not', () => {
  // A linear congruential generator: the same bytes in every run.
  let state = 7;
  const noise = Uint8Array.from({ length: 4000 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return ((state >> 16) % 255) + 1;
  });
  for (const declared of [undefined, 'windows-1252', 'iso-8859-5', 'koi8-r', 'utf-8'])
    expect(isGarbled(decodeText(noise, declared))).toBe(true);
  expect(isGarbled('\u001b[32mok\u001b[0m\r\nN\bNA\bAM\bME\bE\u001e\f')).toBe(false);
});
