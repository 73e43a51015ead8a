/// <reference path="./turndown-plugin-gfm.d.ts" />
import { highlightedCodeBlock, strikethrough, taskListItems } from '@joplin/turndown-plugin-gfm';
import TurndownService from 'turndown';
import type { DomElement } from './dom.ts';
import { escapeMarkdown, settleLineStarts } from './escape-markdown.ts';
import { addCodeBlockRule } from './rules/code-block.ts';
import { addDefinitionListRules } from './rules/definition-list.ts';
import { addHeadingRule } from './rules/heading.ts';
import { addInlineRules } from './rules/inline.ts';
import { addListRules } from './rules/list.ts';
import { addTableRules } from './rules/table.ts';

/** GitHub-flavoured Markdown of an element that `normalizeContent` has been over. */
export function toMarkdown(root: DomElement): string {
  const markdown = createTurndown().turndown(root as never);
  return settleLineStarts(markdown)
    .replace(/[ \t]+$/gm, (spaces) => (spaces === '  ' ? spaces : ''))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function createTurndown(): TurndownService {
  const turndown = new TurndownService({
    headingStyle: 'atx',
    hr: '---',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
    emDelimiter: '*',
  });
  turndown.escape = escapeMarkdown;
  turndown.use([highlightedCodeBlock, strikethrough, taskListItems]);
  addHeadingRule(turndown);
  addInlineRules(turndown);
  addListRules(turndown);
  addDefinitionListRules(turndown);
  addCodeBlockRule(turndown);
  addTableRules(turndown);
  return turndown;
}
