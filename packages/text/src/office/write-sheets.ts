import type { TextDocument } from '@xnai/contracts';
import { type SheetRow, writeSheet } from '../tables/write-sheet.ts';
import type { DocumentWriter } from '../writer.ts';

/** A sheet as its workbook names it. */
export interface NamedSheet {
  readonly name: string;
  readonly isHidden: boolean;
  readonly rows: readonly SheetRow[];
}

/** Writes sheets, which are opened one at a time, each as a page below its name. Hidden ones are left out and counted. */
export function writeSheets(
  writer: DocumentWriter,
  sheets: readonly (() => NamedSheet | undefined)[],
): Pick<TextDocument, 'pages'> {
  const names: string[] = [];
  for (const open of sheets) {
    const sheet = open();
    if (sheet?.isHidden) writer.lose('hidden', charsOf(sheet.rows));
    else if (sheet !== undefined) {
      writer.page = names.push(sheet.name);
      if (sheet.rows.length > 0 && sheets.length > 1) writer.heading(1, sheet.name);
      writeSheet(writer, sheet.rows);
    }
  }
  return { pages: { unit: 'sheet', names } };
}

function charsOf(rows: readonly SheetRow[]): number {
  let chars = 0;
  for (const { cells } of rows) for (const cell of cells.values()) chars += cell.text.length;
  return chars;
}
