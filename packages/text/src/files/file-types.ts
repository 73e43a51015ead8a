/** How a file is read. */
export type FileKind =
  | 'html'
  | 'markdown'
  | 'plain'
  | 'source'
  | 'pdf'
  | 'docx'
  | 'xlsx'
  | 'pptx'
  | 'odf'
  | 'epub'
  | 'mail'
  | 'mbox'
  | 'csv'
  | 'tsv'
  | 'json'
  | 'ndjson'
  | 'rst';

interface FileType {
  readonly kind: FileKind;
  /** The first one is the usual name of the type. */
  readonly mediaTypes: readonly string[];
  readonly extensions: readonly string[];
}

const OOXML = 'application/vnd.openxmlformats-officedocument';
const MACROS = 'macroenabled.12';
const ODF = 'application/vnd.oasis.opendocument';

/** Every type of file that is read, by its names. Media types are in lower case. */
export const FILE_TYPES: readonly FileType[] = [
  { kind: 'html', mediaTypes: ['text/html', 'application/xhtml+xml'], extensions: ['html', 'htm', 'xhtml'] },
  {
    kind: 'markdown',
    mediaTypes: ['text/markdown', 'text/x-markdown'],
    extensions: ['md', 'markdown', 'mkd', 'mdown'],
  },
  {
    kind: 'plain',
    mediaTypes: ['text/plain'],
    extensions: ['txt', 'text', 'log', 'srt', 'vtt', 'ics', 'vcf'],
  },
  { kind: 'pdf', mediaTypes: ['application/pdf', 'application/x-pdf'], extensions: ['pdf'] },
  {
    kind: 'docx',
    mediaTypes: [
      `${OOXML}.wordprocessingml.document`,
      `${OOXML}.wordprocessingml.template`,
      `application/vnd.ms-word.document.${MACROS}`,
      `application/vnd.ms-word.template.${MACROS}`,
    ],
    extensions: ['docx', 'dotx', 'docm', 'dotm'],
  },
  {
    kind: 'xlsx',
    mediaTypes: [
      `${OOXML}.spreadsheetml.sheet`,
      `${OOXML}.spreadsheetml.template`,
      `application/vnd.ms-excel.sheet.${MACROS}`,
      `application/vnd.ms-excel.template.${MACROS}`,
    ],
    extensions: ['xlsx', 'xltx', 'xlsm', 'xltm'],
  },
  {
    kind: 'pptx',
    mediaTypes: [
      `${OOXML}.presentationml.presentation`,
      `${OOXML}.presentationml.slideshow`,
      `${OOXML}.presentationml.template`,
      `application/vnd.ms-powerpoint.presentation.${MACROS}`,
    ],
    extensions: ['pptx', 'ppsx', 'potx', 'pptm'],
  },
  {
    kind: 'odf',
    mediaTypes: ['text', 'spreadsheet', 'presentation'].map((type) => `${ODF}.${type}`),
    extensions: ['odt', 'ott', 'ods', 'ots', 'odp', 'otp'],
  },
  { kind: 'epub', mediaTypes: ['application/epub+zip'], extensions: ['epub'] },
  { kind: 'mail', mediaTypes: ['message/rfc822'], extensions: ['eml'] },
  { kind: 'mbox', mediaTypes: ['application/mbox'], extensions: ['mbox'] },
  { kind: 'csv', mediaTypes: ['text/csv', 'application/csv'], extensions: ['csv'] },
  { kind: 'tsv', mediaTypes: ['text/tab-separated-values'], extensions: ['tsv', 'tab'] },
  {
    kind: 'ndjson',
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/json-seq'],
    extensions: ['ndjson', 'jsonl'],
  },
  { kind: 'json', mediaTypes: ['application/json', 'text/json'], extensions: ['json', 'geojson', 'ipynb'] },
  { kind: 'rst', mediaTypes: ['text/x-rst', 'text/prs.fallenstein.rst'], extensions: ['rst', 'rest'] },
  {
    kind: 'source',
    mediaTypes: [
      'text/css',
      'text/javascript',
      'text/xml',
      'application/javascript',
      'application/sql',
      'application/toml',
      'application/typescript',
      'application/x-httpd-php',
      'application/x-sh',
      'application/x-yaml',
      'application/xml',
      'application/yaml',
    ],
    extensions: [],
  },
];

/** Names of languages that are not the extension of their files, each behind its extensions. */
const LANGUAGES =
  'bat:batch cc,cxx,hpp:cpp cfg,conf,env,properties:ini cs:csharp ex,exs:elixir h:c hs:haskell jl:julia js,mjs,cjs:javascript ' +
  'kt:kotlin m:matlab mts,ts:typescript pl,pm:perl ps1:powershell py,pyi:python rb:ruby rs:rust sh:bash tex:latex tf:hcl ' +
  'xsd,xsl:xml yml:yaml';
const SAME_NAME =
  'asm awk bash c clojure cmake cpp css d dart diff dockerfile elm erl fish gradle go graphql groovy hcl ini java ' +
  'json5 jsonc jsx kotlin latex less lisp lua makefile nim nix patch php proto r rkt sass scala scm scss sql svelte ' +
  'swift tcl toml tsx v vb vhdl vue wat xml yaml zig zsh';
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ...SAME_NAME.split(' ').map((name) => [name, name] as const),
  ...LANGUAGES.split(' ').flatMap((entry) => {
    const [extensions = '', name = ''] = entry.split(':');
    return extensions.split(',').map((extension) => [extension, name] as const);
  }),
]);

/** End of a file's name, in lower case, without the dot; a name without a dot is taken whole ("Makefile"). */
export function extensionOfPath(path: string): string {
  return (/[^./\\]*$/.exec(path)?.[0] ?? '').toLowerCase();
}

/** Language of source code by the extension of its file; undefined for other files. */
export function languageOf(extension: string): string | undefined {
  return BY_EXTENSION.get(extension);
}
