import { expect, test } from 'vitest';
import { readFeed } from './read-feed.ts';

const read = (xml: string) => readFeed(Buffer.from(xml), 'https://x.example/feed.xml');

test.each([
  [
    'RSS 2.0',
    `<?xml version="1.0"?><rss version="2.0" xmlns:content="c"><channel><title>News &amp; notes</title><link>https://x.example/</link>
      <item><title>Pump</title><link>/pump</link><description>short</description><content:encoded><![CDATA[<p>The <b>pump</b> runs.</p>]]></content:encoded></item>
      <item><title>Seal &lt;new&gt;</title><link>https://x.example/seal</link><description>&lt;p&gt;The seal holds.&lt;/p&gt;</description></item></channel></rss>`,
  ],
  [
    'RSS 1.0',
    `<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel><title>News &amp; notes</title></channel>
      <item><title>Pump</title><link>https://x.example/pump</link><description>The pump runs.</description></item>
      <item><title>Seal &lt;new&gt;</title><link>https://x.example/seal</link><description>The seal holds.</description></item></rdf:RDF>`,
  ],
  [
    'Atom',
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>News &amp; notes</title><link rel="self" href="/feed.xml"/>
      <entry><title>Pump</title><link rel="replies" href="/replies"/><link href="/pump"/><content type="xhtml"><div xmlns="h">The <b>pump</b> runs.</div></content></entry>
      <entry><title>Seal &lt;new&gt;</title><link rel="alternate" href="/seal"/><summary type="text">The seal holds.</summary></entry></feed>`,
  ],
])('%s is read entry by entry, with its links', (_, xml) => {
  const feed = read(xml);
  expect(feed).toMatchObject({
    title: 'News & notes',
    links: ['https://x.example/pump', 'https://x.example/seal'],
  });
  const { text = '', blocks = [] } = feed?.document ?? {};
  expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'heading', 'paragraph', 'heading', 'paragraph']);
  for (const words of ['The pump runs.', 'Seal <new>', 'The seal holds.']) expect(text).toContain(words);
});

test.each(['<urlset><url><loc>https://x.example/</loc></url></urlset>', '<note/>', 'no XML', ''])(
  '%j is no feed',
  (xml) => {
    expect(read(xml)).toBeUndefined();
  },
);

test('a feed that is nested too deep is refused', () => {
  expect(() => read(`<rss>${'<item>'.repeat(5000)}`)).toThrow(
    expect.objectContaining({ code: 'DOCUMENT_TOO_LARGE' }),
  );
});
