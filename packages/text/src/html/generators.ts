import { compile, type Matcher } from './selector.ts';

/** Where the pages of a generator keep their content, and which parts of them are not content. */
export interface Generator {
  /** Tested against `<meta name=generator>`. */
  readonly meta?: RegExp;
  /** For generators that do not name themselves: an element that only they write. */
  readonly sign?: Matcher;
  /** The first that matches is the content. */
  readonly content: readonly Matcher[];
  /** Heading of the page where it is no `<h1>` in the content. */
  readonly title?: Matcher;
  readonly drop?: Matcher;
  /** Blocks of code that are not in `<pre>`. */
  readonly code?: Matcher;
  /** Tables made of boxes: a row begins at each `.col-first`. */
  readonly grid?: Matcher;
}

interface Row {
  readonly name: string;
  readonly meta?: RegExp;
  readonly sign?: string;
  readonly content: readonly string[];
  readonly title?: string;
  readonly drop?: string;
  readonly code?: string;
  readonly grid?: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'gtk-doc',
    meta: /^gtk-doc/i,
    content: ['.refentry', '.book', '.chapter', '.part', '.reference', '.index', '.glossary', 'body'],
    drop: 'table.navigation, div.footer, .gallery_image',
  },
  {
    name: 'docbook',
    meta: /docbook/i,
    content: [
      ...[
        '.refentry',
        '.book',
        '.article',
        '.part',
        '.chapter',
        '.appendix',
        '.preface',
        '.reference',
        '.sect1',
      ],
      ...['.section', '.index', '.glossary', 'body'],
    ],
    drop: '.navheader, .navfooter, table.nav, table.navigation',
  },
  {
    name: 'doxygen',
    meta: /^doxygen/i,
    content: ['div.contents', '#doc-content'],
    title: 'div.title',
    drop: '.ttc, .navpath, .permalink, .dynsection, .summary, .header, #nav-path, .memtemplate_hidden, .lineno, .ingroups',
    code: 'div.fragment',
  },
  {
    name: 'javadoc',
    meta: /^javadoc/i,
    content: ['main', '.contentContainer'],
    drop: '.sub-nav, .top-nav, .bottom-nav, .table-tabs',
    grid: '.summary-table, .details-table',
  },
  {
    name: 'rustdoc',
    meta: /^rustdoc/i,
    content: ['#main-content', '#main', 'main'],
    drop: '.out-of-band, .src, .srclink, .collapse-toggle, .notable-traits, .tooltip, .test-arrow, .hideme, .rightside, #copy-path, #toggle-all-docs',
  },
  {
    name: 'docusaurus',
    meta: /^docusaurus/i,
    content: ['.theme-doc-markdown', 'article', 'main'],
    drop: '.theme-doc-toc-mobile, .pagination-nav, .theme-doc-breadcrumbs, .theme-doc-footer, .theme-doc-version-badge',
  },
  {
    name: 'vitepress',
    meta: /^vitepress/i,
    content: ['.vp-doc', 'main'],
    drop: '.VPDocFooter, .VPDocAside, .VPLocalNav',
  },
  { name: 'vuepress', meta: /^vuepress/i, content: ['[vp-content]', '.theme-default-content', 'main'] },
  {
    name: 'mkdocs',
    meta: /^(mkdocs|zensical)/i,
    content: ['article.md-content__inner', 'div[role=main]', 'main'],
    drop: '.md-content__button, .md-source-file, .rst-footer-buttons, .md-tags, .md-feedback',
  },
  {
    name: 'mediawiki',
    meta: /^mediawiki/i,
    content: ['.mw-parser-output', '#mw-content-text', '#bodyContent'],
    title: '#firstHeading',
    drop: '.mw-editsection, .navbox, .toc, #toc, .noprint, .mw-empty-elt, .printfooter, .catlinks, .mw-jump-link, .mw-cite-backlink, .sistersitebox, .vector-body-before-content',
  },
  {
    name: 'hexo',
    meta: /^hexo/i,
    content: ['.article-entry', '.post-body', '.post-content', 'article', 'main'],
  },
  {
    name: 'hugo',
    meta: /^hugo/i,
    content: ['.td-content', '.book-article', '.post-content', 'article', 'main'],
  },
  {
    name: 'wordpress',
    meta: /^wordpress/i,
    content: ['.entry-content', '.wp-block-post-content', 'article', 'main'],
    title: '.entry-title, .wp-block-post-title',
    drop: '.sharedaddy, .jp-relatedposts, .post-navigation, .comment-respond, .addtoany_share_save_container',
  },
  { name: 'gitbook', meta: /^(gitbook|honkit)/i, content: ['.markdown-section', 'main'] },
  { name: 'starlight', meta: /^starlight/i, content: ['.sl-markdown-content', 'main'], title: '#_top' },
  { name: 'typedoc', meta: /^typedoc/i, content: ['.col-content'] },
  {
    name: 'asciidoc',
    meta: /^asciidoc/i,
    content: ['#content'],
    title: '#header',
    drop: '#toc, #footer, #footer-text, .toc, #author, #email, #revnumber, #revdate, #revremark',
  },
  {
    name: 'texinfo',
    meta: /^(makeinfo|texi2any|texi2html|gnu texinfo)/i,
    content: ['body'],
    drop: '.nav-panel, .header, .contents, .region-contents, .shortcontents, .contents-heading, .shortcontents-heading',
  },
  {
    name: 'man',
    meta: /^(groff|mandoc|man2html)/i,
    sign: '.manual-text',
    content: ['.manual-text', 'body'],
    drop: 'table.head, table.foot, .section-bar',
  },
  {
    name: 'sphinx',
    sign: '.sphinxsidebar, .sphinxsidebarwrapper, .bd-article, .wy-nav-content, .furo-main-content, #furo-main-content',
    content: [
      '[itemprop=articlebody]',
      'article.bd-article',
      'article[role=main]',
      'div[role=main]',
      'div.body',
      'main',
    ],
    drop: '.rst-footer-buttons, .prev-next-area, .related, .sphinxsidebar, .bd-toc, .viewcode-link, .viewcode-back',
  },
  {
    name: 'mdbook',
    sign: '#mdbook-content, #mdbook-sidebar, nav#sidebar',
    content: ['main'],
    drop: '.nav-wrapper, .nav-wide-wrapper',
  },
  {
    name: 'gi-docgen',
    sign: 'div.section.generator',
    content: ['section#main'],
    drop: '.srclink',
  },
  {
    name: 'php.net',
    sign: '#layout-content',
    content: ['#layout-content'],
    drop: '#breadcrumbs, .page-tools, #usernotes, .contribute',
    code: 'div.phpcode, .example-contents.screen',
  },
  {
    name: 'latexml',
    meta: /^latexml/i,
    sign: '.ltx_document, .ltx_page_main',
    content: ['.ltx_document', '.ltx_page_content', 'body'],
    drop: '.ltx_note_mark, .ltx_tag_note, .ltx_page_footer',
  },
  {
    name: 'forge',
    sign: '.markdown-body, .blob-code, .code-view, .blob-wrapper',
    content: [
      'article.markdown-body',
      '.markdown-body',
      '.js-file-line-container',
      '.blob-wrapper',
      '.code-view',
    ],
  },
];

export const GENERATORS: readonly Generator[] = ROWS.map(
  ({ meta, sign, content, title, drop, code, grid }) => ({
    ...(meta !== undefined && { meta }),
    ...(sign !== undefined && { sign: compile(sign) }),
    content: content.map(compile),
    ...(title !== undefined && { title: compile(title) }),
    ...(drop !== undefined && { drop: compile(drop) }),
    ...(code !== undefined && { code: compile(code) }),
    ...(grid !== undefined && { grid: compile(grid) }),
  }),
);
