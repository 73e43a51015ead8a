import { Parser } from 'htmlparser2';

/** Characters of text from which on a page is indexed without running its scripts. */
const ENOUGH_TEXT = 400;
const NOTICE =
  /\b(enable|requires?|needs?|turn on|activate|without)\b[^.]{0,40}\bjavascript\b|\bjavascript\b[^.]{0,40}\b(disabled|required|enabled?|needed|to run)\b/i;
const ROOT_ID =
  /^(root|app|__next|__nuxt|___gatsby|svelte|main-app|application|react-root|q-app|ember.*|app-root)$/i;
const UNSEEN = new Set(['title', 'script', 'style', 'template', 'noscript', 'svg', 'iframe']);
const CHUNK = 2 * 1024;
const SCRIPT = /<script/i;
/** Only this many characters of a page are read. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Whether a page is empty without its scripts: little text, and a root that scripts fill, a notice to turn them on,
 * or hardly any text at all beside scripts. Reads no further than to the first few hundred letters.
 */
export function looksLikeShell(html: string): boolean {
  if (!SCRIPT.test(html)) return false;
  const page = survey(html, ENOUGH_TEXT);
  if (page.textLength >= ENOUGH_TEXT || page.scripts === 0) return false;
  return page.hasEmptyRoot || NOTICE.test(page.notice) || NOTICE.test(page.text) || page.textLength < 80;
}

/** Letters that a reader would see, `max` at most. */
export function textLength(html: string, max = MAX_LENGTH): number {
  return survey(html, max).textLength;
}

interface Survey {
  textLength: number;
  text: string;
  notice: string;
  scripts: number;
  hasEmptyRoot: boolean;
}

function survey(html: string, enoughText: number): Survey {
  const found: Survey = { textLength: 0, text: '', notice: '', scripts: 0, hasEmptyRoot: false };
  const open: string[] = [];
  let unseen = 0;
  /** Nothing has come since the start tag of a root. */
  let isInRoot = false;
  const parser = new Parser({
    onopentag(name, { id }) {
      open.push(name);
      if (name === 'script') found.scripts += 1;
      if (UNSEEN.has(name)) unseen += 1;
      isInRoot = name === 'app-root' || (id !== undefined && ROOT_ID.test(id));
    },
    ontext(text) {
      if (open.includes('noscript')) found.notice += text.slice(0, 2000);
      if (unseen > 0) return;
      const length = text.trim().length;
      if (length > 0) isInRoot = false;
      found.textLength += length;
      if (found.text.length < 2000) found.text += text;
    },
    onclosetag(name) {
      if (isInRoot) found.hasEmptyRoot = true;
      isInRoot = false;
      open.pop();
      if (UNSEEN.has(name)) unseen -= 1;
    },
  });
  const end = Math.min(html.length, MAX_LENGTH);
  for (let at = 0; at < end && found.textLength < enoughText; at += CHUNK) {
    parser.write(html.slice(at, Math.min(at + CHUNK, end)));
  }
  parser.end();
  return found;
}
