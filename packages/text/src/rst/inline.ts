import { joinRuns, type Run } from '../runs.ts';

/** Roles whose text is a name of something in a program. */
const CODE_ROLE =
  /^(?:\w+:)?(?:code|literal|samp|file|command|program|option|envvar|kbd|func|function|meth|method|class|mod|module|attr|data|const|exc|obj|type|macro|member|keyword|token|makevar|mimetype|regexp|confval|setting)$/;

const TOKEN = new RegExp(
  [
    /\\(?<escaped>.)/,
    /``(?<literal>.+?)``/,
    // The longest name of a role is some 20 letters; without a bound each colon would look ahead to the end.
    /:(?<role>[A-Za-z][\w.+:-]{0,63}):`(?<content>(?:\\.|[^`\\])+)`/,
    /`(?<phrase>(?:\\.|[^`\\])+)`(?<suffix>__?|:[A-Za-z][\w.+:-]*:)?/,
    /(?<strong>\*\*)(?=[^\s*])/,
    /(?<![\w*])\*(?<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/,
    /\|(?<name>[^\s|](?:[^|]*[^\s|])?)\|_{0,2}/,
    /\[(?<note>#?[\w.-]*|\*)\]_/,
    // A name begins where no other one goes on: else each part of a long name would be tried as one.
    /(?<![\w`_]|[A-Za-z0-9][-.+:])(?<reference>[A-Za-z0-9]+(?:[-._+:][A-Za-z0-9]+)*)__?(?!\w)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
);

/** The end of strong text, with the last letter of it. */
const STRONG_END = /\S(?=\*\*(?!\*))/gu;

/** Text of a paragraph without its marks: literals in backticks, links by their words. */
export function inlineText(text: string, substitutions: ReadonlyMap<string, string>): string {
  const runs: Run[] = [];
  let end = 0;
  let hasStrongEnd = true;
  const tokens = new RegExp(TOKEN);
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const { groups = {}, index } = match;
    let run: Run | undefined;
    if (groups['strong'] === undefined) run = readToken(groups, substitutions);
    // Where nothing ends the strong text of one mark, nothing ends that of those behind it: the rest is searched once.
    else if (hasStrongEnd) run = readStrong(text, tokens);
    hasStrongEnd &&= run !== undefined;
    if (run === undefined) continue;
    runs.push({ text: text.slice(end, index) }, run);
    end = tokens.lastIndex;
  }
  return joinRuns([...runs, { text: text.slice(end) }]);
}

/** Reads on behind the mark of strong text to the end of it; undefined where nothing ends it. */
function readStrong(text: string, tokens: RegExp): Run | undefined {
  const start = tokens.lastIndex;
  const ends = new RegExp(STRONG_END);
  ends.lastIndex = start;
  if (ends.exec(text) === null) return undefined;
  tokens.lastIndex = ends.lastIndex + '**'.length;
  return { text: wordsOf(text.slice(start, ends.lastIndex)) };
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
  return { text: wordsOf(phrase ?? groups['emphasis'] ?? groups['reference'] ?? '') };
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
  const words = content.replace(/<[^<>]*>$/s, '').trimEnd();
  return (words === '' ? content.replace(/^<|>$/g, '') : words).replace(/\\(.)/gs, '$1');
}
