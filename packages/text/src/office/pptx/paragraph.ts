import { isCodeFont } from '../../code-font.ts';
import { attribute, elements, find, textOf, type XmlElement } from '../../container/parse-xml.ts';
import { joinRuns, type Run } from '../../runs.ts';
import { linearFormula } from '../formula.ts';

/** Text of a paragraph of a slide (DrawingML). */
export function lineText(paragraph: XmlElement): string {
  return joinRuns(lineRuns(paragraph));
}

export function lineRuns(paragraph: XmlElement | undefined): Run[] {
  return elements(paragraph).flatMap((child): Run[] => {
    if (child.name === 'r' || child.name === 'fld') return [readRun(child)];
    if (child.name === 'br') return [{ text: '\n' }];
    if (child.name === 'oMath') return [{ text: linearFormula(child) }];
    if (child.name === 'AlternateContent') return lineRuns(find(child, 'Choice') ?? find(child, 'Fallback'));
    return child.name.endsWith('Pr') ? [] : lineRuns(child);
  });
}

function readRun(run: XmlElement): Run {
  const properties = find(run, 'rPr');
  const baseline = Number.parseInt(attribute(properties, 'baseline') ?? '0', 10);
  return {
    text: textOf(find(run, 't')),
    isCode: isCodeFont(attribute(find(properties, 'latin'), 'typeface')),
    shift: baseline > 0 ? 'up' : baseline < 0 ? 'down' : undefined,
  };
}
