import { type Element, elementsIn, find } from './tree.ts';

/** Names that are languages even when they stand alone in a class. */
const KNOWN = new Set(
  (
    'abap ada apache applescript arduino asm assembly awk bash basic batch bat bibtex c c++ cfg clojure cmake cobol coffeescript ' +
    'cpp crystal cs csharp css csv cuda cython d dart delphi diff docker dockerfile dos elixir elm erlang fish fortran ' +
    'fsharp gherkin glsl go golang gradle graphql groovy haskell hcl hs html http ini irb java javascript jinja js json json5 jsonc ' +
    'jsx julia kotlin kt latex less lisp lua makefile markdown matlab md mermaid mysql nasm nginx nim nix objc objective-c ' +
    'objectivec ocaml octave pascal patch perl pgsql php pl plsql postgresql powershell ps1 prolog properties proto protobuf ' +
    'puppet py pycon python python3 r rb reason rest rst ruby rs rust sass scala scheme scss sed sh shell shell-session sol ' +
    'solidity sparql sql ssh svelte swift systemd tcl terraform tex toml ts tsx typescript vala vb vbnet verilog vhdl vim ' +
    'vue wasm xml xquery xslt yaml yml zig zsh console powershell-session'
  ).split(' '),
);
/** Said of a block without a language. */
const NONE = new Set(
  'none text plain plaintext txt nohighlight no-highlight default raw output plain-text unknown code null undefined auto hljs'.split(
    ' ',
  ),
);
const SAME: ReadonlyMap<string, string> = new Map([
  ['python3', 'python'],
  ['golang', 'go'],
  ['shell-session', 'console'],
]);
const PREFIXED =
  /^(language|lang|highlight-source|highlight|src|sourcecode|prism|brush|code|hljs|sh_|type)[-:_](?:source[-_])?([\w+#.-]+)$/i;
/** These prefixes are only written before languages. */
const SURE = /^(?:language|lang|highlight|highlight-source|brush)$/i;
const ATTRIBUTES = [
  'data-lang',
  'data-language',
  'data-enlighter-language',
  'data-code-language',
  'data-syntax',
  'lang',
  'type',
];

/** The language of a block of code by what it, its `<code>` and the elements around it say. */
export function codeLanguage(element: Element): string | undefined {
  const inner = find(element, ({ name }) => name === 'code');
  const candidates = [inner, element, ...enclosing(element)];
  for (const candidate of candidates) {
    const language = candidate === undefined ? undefined : languageOf(candidate);
    if (language !== undefined) return language;
  }
  return undefined;
}

/** The boxes around a block: they hold nothing but this block, its title and its buttons. */
function enclosing(element: Element): Element[] {
  const boxes: Element[] = [];
  for (let at = element.parent; at !== undefined && boxes.length < 7; at = at.parent) {
    if (at.text > element.text + 60 || /^(?:body|main|article|section|li|dd|html)$/.test(at.name)) break;
    boxes.push(at);
  }
  return boxes;
}

function languageOf(element: Element): string | undefined {
  const { attributes, classes, name } = element;
  for (const key of ATTRIBUTES) {
    const value = attributes[key]?.trim().toLowerCase();
    if (value === undefined) continue;
    if ((key === 'lang' || key === 'type') && !(KNOWN.has(value) && (name === 'pre' || name === 'code')))
      continue;
    const language = named(value);
    if (language !== undefined) return language;
  }
  const brush = /brush:\s*([\w#+-]+)/i.exec(
    `${attributes['class'] ?? ''};${attributes['data-syntaxhighlighter-params'] ?? ''}`,
  );
  if (brush?.[1] !== undefined) return named(brush[1].toLowerCase());
  return languageOfClasses(classes);
}

function languageOfClasses(classes: ReadonlySet<string>): string | undefined {
  for (const token of classes) {
    const [, prefix = '', name] = PREFIXED.exec(token) ?? [];
    const language = name?.toLowerCase();
    if (
      language !== undefined &&
      (SURE.test(prefix) || KNOWN.has(language)) &&
      !/^(?:block|wrapper|snippet|box|toolbar|line|lines|container|example|highlight|inline|table|area|panel|title)/.test(
        language,
      )
    )
      return named(language);
  }
  for (const token of classes)
    if (KNOWN.has(token.toLowerCase()) && token.length > 1) return named(token.toLowerCase());
  return undefined;
}

function named(value: string): string | undefined {
  return NONE.has(value) || !/^[\w+#.-]{1,30}$/.test(value) ? undefined : (SAME.get(value) ?? value);
}

/** Whether the only thing said beside a block is its language. */
export function isLanguageLabel(element: Element): boolean {
  const [only] = element.children;
  const text = element.children.length === 1 && typeof only === 'string' ? only.trim().toLowerCase() : '';
  if (text === '' || !(KNOWN.has(text) || NONE.has(text))) return false;
  const { parent } = element;
  // The label stands beside the block, or in a bar of buttons beside it.
  return (
    [...element.classes].some((token) => /lang|title|label|name/i.test(token)) &&
    (isBesidePre(element) || (parent?.text === element.text && isBesidePre(parent)))
  );
}

/** Five elements with white space around them. */
const MAX_BESIDE = 11;

function isBesidePre({ parent }: Element): boolean {
  if (parent === undefined || parent.children.length > MAX_BESIDE) return false;
  return elementsIn(parent).some(({ name }) => name === 'pre');
}
