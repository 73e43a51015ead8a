import { joinRuns, type Run } from '../runs.ts';

/** Roles whose text is a name of something in a program. */
const CODE_ROLE =
  /^(?:\w+:)?(?:code|literal|samp|file|command|program|option|envvar|kbd|func|function|meth|method|class|mod|module|attr|data|const|exc|obj|type|macro|member|keyword|token|makevar|mimetype|regexp|confval|setting)$/;

const TOKEN = new RegExp(
  [
    /\\(?<escaped>.)/,
    /``(?<literal>.+?)``/,
    /:(?<role>[A-Za-z][\w.+:-]*):`(?<content>(?:\\.|[^`\\])+)`/,
    /`(?<phrase>(?:\\.|[^`\\])+)`(?<suffix>__?|:[A-Za-z][\w.+:-]*:)?/,
    /\*\*(?<strong>[^\s*](?:.*?[^\s])?)\*\*/,
    /(?<![\w*])\*(?<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/,
    /\|(?<name>[^\s|](?:[^|]*[^\s|])?)\|_{0,2}/,
    /\[(?<note>#?[\w.-]*|\*)\]_/,
    /(?<![\w`_])(?<reference>[A-Za-z0-9]+(?:[-._+:][A-Za-z0-9]+)*)__?(?!\w)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
);

/** Text of a paragraph without its marks: literals in backticks, links by their words. */
export function inlineText(text: string, substitutions: ReadonlyMap<string, string>): string {
  const runs: Run[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    runs.push({ text: text.slice(end, match.index) }, readToken(match.groups ?? {}, substitutions));
    end = match.index + match[0].length;
  }
  return joinRuns([...runs, { text: text.slice(end) }]);
}

type Groups = Readonly<Record<string, string | undefined>>;

function readToken(groups: Groups, substitutions: ReadonlyMap<string, string>): Run {
  const { escaped, literal, role, content, phrase, suffix, name, note } = groups;
  if (escaped !== undefined) return { text: /\s/.test(escaped) ? '' : escaped };
  if (literal !== undefined) return { text: literal, isCode: true };
  if (role !== undefined) return readRole(role, content ?? '');
  if (phrase !== undefined && suffix?.startsWith(':')) return readRole(suffix.slice(1, -1), phrase);
  if (name !== undefined) return { text: substitutions.get(name) ?? name };
  if (note !== undefined) return { text: `[${note.replace(/^#(?=.)/, '')}]` };
  return { text: wordsOf(phrase ?? groups['strong'] ?? groups['emphasis'] ?? groups['reference'] ?? '') };
}

function readRole(role: string, content: string): Run {
  const words = wordsOf(content);
  if (/^(sup|superscript)$/.test(role)) return { text: words, shift: 'up' };
  if (/^(sub|subscript)$/.test(role)) return { text: words, shift: 'down' };
  if (/^(pep|rfc)$/.test(role)) return { text: `${role.toUpperCase()} ${words}` };
  if (!CODE_ROLE.test(role)) return { text: words };
  // A tilde asks for the last name of a path alone.
  const code = words.startsWith('~')
    ? words.replace(/^.*\./s, '').replace(/^~/, '')
    : words.replace(/^!/, '');
  return { text: code, isCode: true };
}

/** "words <target>" is shown as its words. */
function wordsOf(content: string): string {
  const words = content.replace(/\s*<[^<>]*>$/s, '');
  return (words === '' ? content.replace(/^<|>$/g, '') : words).replace(/\\(.)/gs, '$1');
}
