import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { readMail, readMbox } from './read-mail.ts';

const bytesOf = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');
const HEAD =
  'From: =?utf-8?Q?J=C3=B6rg?= <j@x.example>\nTo: a@x.example,\n b@x.example\nSubject: =?iso-2022-jp?B?GyRCNEE7ehsoQg==?= pump\nDate: Fri, 1 Mar 2024 14:30:00 +0100\n';
const HEADERS = [
  'metadata: Jörg <j@x.example>',
  'metadata: a@x.example, b@x.example',
  'metadata: Fri, 1 Mar 2024 14:30:00 +0100',
  'metadata: 漢字 pump',
];
const multipart = (kind: string, boundary: string, ...parts: string[]) =>
  `Content-Type: multipart/${kind}; boundary="${boundary}"\n\npreamble\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--\nepilogue\n`;

describe('readMail', () => {
  it('reads headers as metadata and decodes the text', async () => {
    const document = await readMail(
      bytesOf(
        `${HEAD}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nStra=DFe =\nlang.\n\nEnd.\n`,
      ),
    );
    expect(blocksOf(document)).toEqual([...HEADERS, 'paragraph: Straße lang.', 'paragraph: End.']);
    expect(document).toMatchObject({ title: '漢字 pump', inline: 'none' });
  });

  it('takes the richest of alternatives once, and names attachments', async () => {
    const plain = 'Content-Type: text/plain\n\nHello *there*';
    const html = 'Content-Type: text/html\n\n<h2>Hello</h2><p>there</p>';
    const file =
      'Content-Type: application/pdf; name="=?utf-8?Q?R=C3=BCck.pdf?="\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nAAAA';
    const body = multipart('mixed', 'M', multipart('alternative', 'M2', plain, html), file);
    expect(blocksOf(await readMail(bytesOf(HEAD + body)))).toEqual([
      ...HEADERS,
      'heading: Hello',
      'paragraph: there',
      'metadata: Rück.pdf (application/pdf)',
    ]);
  });

  it('keeps every text part, also of a message that is forwarded, below its subject', async () => {
    const inner = 'Content-Type: message/rfc822\n\nSubject: Inner\n\nForwarded words.';
    const document = await readMail(
      bytesOf(`Subject: Outer\n${multipart('mixed', 'M', '\nFirst.', '\nSecond.', inner)}`),
    );
    expect(blocksOf(document)).toEqual([
      'metadata: Outer',
      'paragraph: First.',
      'paragraph: Second.',
      'heading: Inner',
      'metadata: Inner',
      'paragraph: Forwarded words.',
    ]);
    expect(document.blocks.at(-1)?.section).toBe(3);
  });

  it('reads a message that is cut off in its last part', async () => {
    const cut = multipart('mixed', 'M', '\nFirst.', '\nSecond words').replace(/\n--M--.*$/s, '');
    expect(blocksOf(await readMail(bytesOf(`Subject: s\n${cut}`)))).toEqual([
      'metadata: s',
      'paragraph: First.',
      'paragraph: Second words',
    ]);
  });

  it('ends at some depth of nested messages and says what it left out', async () => {
    const nested = 'Content-Type: message/rfc822\n\n'.repeat(5000);
    const document = await readMail(bytesOf(`Subject: s\n${nested}Subject: deep\n\nwords`));
    expect(document.losses).toEqual([{ rule: 'too-deep', chars: expect.any(Number) }]);
    const parts = Array.from(
      { length: 5000 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`,
    ).join('');
    expect((await readMail(bytesOf(`Subject: s\n${parts}\n\nwords`))).losses).toEqual([
      { rule: 'too-deep', chars: expect.any(Number) },
    ]);
  });

  it.each([
    ['base64', Buffer.from('Straße', 'latin1').toString('base64')],
    ['quoted-printable', 'Stra=DF=\ne'],
  ])(
    'counts the letters of a part in %s that is nested too deep, and reads one that is not',
    async (encoding, body) => {
      const leaf = `Content-Type: text/plain; charset="iso-8859-1"\nContent-Transfer-Encoding: ${encoding}\n\n${body}`;
      const nest = (depth: number) => bytesOf(`${'Content-Type: message/rfc822\n\n'.repeat(depth)}${leaf}`);
      expect((await readMail(nest(31))).losses).toEqual([{ rule: 'too-deep', chars: 'Straße'.length }]);
      const { losses, text } = await readMail(nest(30));
      expect([losses, text.endsWith('Straße')]).toEqual([[], true]);
    },
  );

  it('reads a header alone', async () => {
    expect(blocksOf(await readMail(bytesOf('Subject: Only this')))).toEqual(['metadata: Only this']);
  });
});

describe('readMbox', () => {
  it('gives each message a page and a heading, and takes a marked "From" as text', async () => {
    const mbox =
      'From a@x Fri Mar  1\nSubject: One\n\nWords.\n\n>From here on.\n\nFrom b@x Sat Mar  2\nSubject: Two\n\nMore.\n';
    const document = await readMbox(Buffer.from(mbox));
    expect(blocksOf(document)).toEqual([
      'heading: One',
      'metadata: One',
      'paragraph: Words.',
      'paragraph: From here on.',
      'heading: Two',
      'metadata: Two',
      'paragraph: More.',
    ]);
    expect(document.blocks.map((block) => block.page)).toEqual([1, 1, 1, 1, 2, 2, 2]);
    expect(document.pages).toEqual({ unit: 'part' });
  });
});
