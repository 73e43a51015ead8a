import { normalizePercent } from '../address/percent-encoding.ts';

/** The rules of one robots.txt for one crawler. */
export interface RobotsRules {
  isAllowed(url: URL): boolean;
  /** The line that decides on the URL, such as `Disallow: /private`; undefined when none speaks of it. */
  lineFor(url: URL): string | undefined;
  readonly crawlDelayMs: number | undefined;
  /** Absolute URLs; they apply to all crawlers. */
  readonly sitemaps: readonly string[];
}

interface Rule {
  /** As it stands in the file. */
  readonly text: string;
  readonly pattern: string;
  readonly isAllow: boolean;
}

interface Group {
  readonly agents: string[];
  readonly rules: Rule[];
  crawlDelayMs: number | undefined;
}

/** Longest gap between two pages that a robots.txt can demand. */
const MAX_CRAWL_DELAY_MS = 30_000;

/**
 * Parses robots.txt as RFC 9309 has it, and what is not written by it as Google's parser takes it
 * (github.com/google/robotstxt). Groups that name the same crawler count as one; a group for `*` counts only when none
 * names it. `Crawl-delay` and `Sitemap` are customs beside the standard and do not end a group.
 *
 * @param agent product token of our crawler, as in `User-agent: XoeNovAI`
 * @param url address of the file, which a relative `Sitemap` is resolved against
 */
export function parseRobots(text: string, agent: string, url: string): RobotsRules {
  const { groups, sitemaps } = parseGroups(text, url);
  const token = agent.toLowerCase();
  const named = groups.filter((group) => group.agents.includes(token));
  const ours = named.length > 0 ? named : groups.filter((group) => group.agents.includes('*'));
  const rules = ours.flatMap((group) => group.rules);
  return {
    isAllowed: (url) => ruleFor(rules, url)?.isAllow ?? true,
    lineFor: (url) => lineOf(ruleFor(rules, url)),
    crawlDelayMs: ours.find((group) => group.crawlDelayMs !== undefined)?.crawlDelayMs,
    sitemaps,
  };
}

function parseGroups(text: string, url: string): { groups: Group[]; sitemaps: string[] } {
  const groups: Group[] = [];
  const sitemaps: string[] = [];
  let isNamingAgents = false;
  for (const { key, value } of parseLines(text)) {
    if (key === 'user-agent') {
      if (!isNamingAgents) groups.push({ agents: [], rules: [], crawlDelayMs: undefined });
      groups.at(-1)?.agents.push(agentToken(value));
      isNamingAgents = true;
    } else if (key === 'sitemap') {
      const sitemap = value === '' ? null : URL.parse(value, url);
      if (sitemap !== null) sitemaps.push(sitemap.href);
    } else {
      isNamingAgents &&= key === 'crawl-delay';
      addToGroup(groups.at(-1), key, value);
    }
  }
  return { groups, sitemaps };
}

type GroupKey = 'allow' | 'disallow' | 'crawl-delay';

function addToGroup(group: Group | undefined, key: GroupKey, value: string): void {
  // An empty `Disallow:` forbids nothing.
  if (group === undefined || value === '') return;
  if (key === 'crawl-delay') {
    group.crawlDelayMs = parseDelay(value) ?? group.crawlDelayMs;
    return;
  }
  const rule = { text: value, isAllow: key === 'allow' };
  group.rules.push({ ...rule, pattern: normalizePattern(value) });
  // What allows `/dir/index.html` allows `/dir/` too.
  const folder = rule.isAllow ? /^(.*\/)index\.htm[^/]*$/.exec(value)?.[1] : undefined;
  if (folder !== undefined) group.rules.push({ ...rule, pattern: normalizePattern(`${folder}$`) });
}

/** A `$` before the end is a letter like others, and is written as it is in a normalized path. */
function normalizePattern(value: string): string {
  return normalizePercent(value).replace(/\$(?!$)/g, '%24');
}

type Key = 'user-agent' | 'sitemap' | GroupKey;

/** By their beginnings, and with the misspellings that are frequent. */
const KEYS: readonly (readonly [beginning: string, Key])[] = [
  ['user-agent', 'user-agent'],
  ['useragent', 'user-agent'],
  ['user agent', 'user-agent'],
  ['allow', 'allow'],
  ['disallow', 'disallow'],
  ['dissallow', 'disallow'],
  ['dissalow', 'disallow'],
  ['disalow', 'disallow'],
  ['diasllow', 'disallow'],
  ['disallaw', 'disallow'],
  ['sitemap', 'sitemap'],
  ['site-map', 'sitemap'],
  ['crawl-delay', 'crawl-delay'],
];

function* parseLines(text: string): Generator<{ key: Key; value: string }> {
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const { name, value } = splitLine((line.split('#', 1)[0] ?? '').trim());
    const key = KEYS.find(([beginning]) => name.toLowerCase().startsWith(beginning))?.[1];
    if (key !== undefined) yield { key, value };
  }
}

/** Without a colon, white space stands for it, where it leaves exactly two words. */
function splitLine(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(':');
  if (colon >= 0) return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
  const [name = '', value = '', ...more] = line.split(/[ \t]+/);
  return more.length === 0 ? { name, value } : { name: '', value: '' };
}

/** The token alone: `Bot/1.2 (+info)` names `bot`. A `*` may be followed by words, and by nothing else. */
function agentToken(value: string): string {
  return /^\*(\s|$)/.test(value) ? '*' : (/^[a-z_-]+/i.exec(value)?.[0].toLowerCase() ?? '');
}

function parseDelay(value: string): number | undefined {
  const seconds = Number(value);
  const isDelay = value !== '' && Number.isFinite(seconds) && seconds >= 0;
  return isDelay ? Math.min(seconds * 1000, MAX_CRAWL_DELAY_MS) : undefined;
}

/** The longest matching pattern decides, and between equals `Allow` does. */
function ruleFor(rules: readonly Rule[], url: URL): Rule | undefined {
  // A pattern's own `*` and `$` are special; those of a URL are letters like others.
  const path = normalizePercent(url.pathname + url.search)
    .replaceAll('*', '%2A')
    .replaceAll('$', '%24');
  let best: Rule | undefined;
  for (const rule of rules) {
    const isLonger = best === undefined || rule.pattern.length > best.pattern.length;
    const isEqual = rule.pattern.length === best?.pattern.length;
    if ((isLonger || (isEqual && rule.isAllow)) && matches(rule.pattern, path)) best = rule;
  }
  return best;
}

function lineOf(rule: Rule | undefined): string | undefined {
  return rule && `${rule.isAllow ? 'Allow' : 'Disallow'}: ${rule.text}`;
}

/** Takes each literal piece at its first place: no backtracking, however many `*` a pattern has. */
function matches(pattern: string, path: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const pieces = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  const first = pieces[0] ?? '';
  if (!path.startsWith(first)) return false;
  let position = first.length;
  for (const piece of pieces.slice(1, isAnchored ? -1 : undefined)) {
    const found = path.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  if (!isAnchored) return true;
  if (pieces.length === 1) return path.length === position;
  const last = pieces.at(-1) ?? '';
  return path.length - last.length >= position && path.endsWith(last);
}
