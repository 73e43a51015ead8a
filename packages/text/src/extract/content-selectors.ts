/** Where the documents that a generator writes keep their content. */
export interface GeneratorRule {
  readonly name: string;
  /** Tested against `<meta name=generator>`. */
  readonly generator?: RegExp;
  /** For generators without a `generator` meta: an element that only they write. */
  readonly sign?: string;
  /** The first that matches is the content. */
  readonly content: readonly string[];
  readonly drop?: string;
}

/** A selector that is known beats any heuristic, in quality and in time. */
export const GENERATORS: readonly GeneratorRule[] = [
  {
    name: 'asciidoc',
    generator: /^asciidoc/i,
    content: ['body'],
    drop: '#toc, #footer, #footer-text, .toc',
  },
  {
    name: 'docbook',
    generator: /docbook/i,
    content: ['body'],
    drop: '.navheader, .navfooter, table.nav, .toc, .list-of-tables, .list-of-figures',
  },
  {
    name: 'docusaurus',
    generator: /^docusaurus/i,
    content: ['.theme-doc-markdown', 'article .markdown', 'main article', 'main'],
    drop: '.theme-doc-toc-mobile, .pagination-nav, .theme-doc-breadcrumbs, .theme-doc-footer',
  },
  {
    name: 'mkdocs',
    generator: /^(mkdocs|zensical)/i,
    content: ['article.md-content__inner', 'div[role="main"]', 'main'],
    drop: '.md-content__button, .md-source-file, .rst-footer-buttons, .md-tags',
  },
  {
    name: 'sphinx',
    sign: 'div.body[role="main"], article[role="main"] section[id], div[itemprop="articleBody"], article.bd-article, .sphinxsidebar',
    content: [
      'div[itemprop="articleBody"]',
      'article.bd-article',
      'article[role="main"]',
      'div[role="main"]',
      'div.body',
    ],
    drop: '.rst-footer-buttons, .prev-next-area, .related, .sphinxsidebar, .bd-toc',
  },
  {
    name: 'gitbook',
    generator: /^(gitbook|honkit)/i,
    content: ['.markdown-section', 'main'],
  },
  {
    name: 'mdbook',
    sign: '#mdbook-content, #mdbook-sidebar, nav#sidebar.sidebar',
    content: ['#mdbook-content main', '#content main', 'main'],
    drop: '.nav-wrapper, .nav-wide-wrapper',
  },
  { name: 'vitepress', generator: /^vitepress/i, content: ['.vp-doc', 'main'] },
  { name: 'vuepress', generator: /^vuepress/i, content: ['[vp-content]', '.theme-default-content', 'main'] },
  { name: 'starlight', generator: /^starlight/i, content: ['.sl-markdown-content', 'main'] },
  {
    name: 'mediawiki',
    generator: /^mediawiki/i,
    content: ['#mw-content-text .mw-parser-output', '#mw-content-text'],
    drop: '.mw-editsection, .navbox, .toc, #toc, .noprint, .metadata, .mw-empty-elt, .printfooter, .catlinks',
  },
  {
    name: 'rustdoc',
    generator: /^rustdoc/i,
    content: ['#main-content'],
    drop: '.out-of-band, .src, .item-info-toggle, summary.hideme',
  },
  { name: 'javadoc', generator: /^javadoc/i, content: ['main', '.contentContainer', 'body'] },
  {
    name: 'doxygen',
    generator: /^doxygen/i,
    content: ['#doc-content', 'div.contents'],
    drop: '.navpath, .memtitle',
  },
  { name: 'typedoc', generator: /^typedoc/i, content: ['.col-content'] },
  {
    name: 'texinfo',
    generator: /^(makeinfo|texi2any|texi2html)/i,
    content: ['body'],
    drop: '.nav-panel, .header, .contents',
  },
  {
    name: 'man',
    generator: /^(groff|mandoc|man2html)/i,
    sign: 'div.manual-text, main.manual-text, table.head + div.manual-text',
    content: ['main.manual-text', 'div.manual-text', 'body'],
    drop: 'table.head, table.foot, nav, .section-bar',
  },
  { name: 'forge', sign: 'article.markdown-body', content: ['article.markdown-body'] },
];
