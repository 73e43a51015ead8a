import { OPS, type PDFPageProxy } from 'unpdf/pdfjs';
import { greatest, least } from './extent.ts';

/** A thin line, upright or level, in points from the upper left corner of the page. */
export interface Ruling {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export interface Drawing {
  readonly rulings: readonly Ruling[];
  readonly hasImage: boolean;
}

type Matrix = readonly [number, number, number, number, number, number];
type Operators = Awaited<ReturnType<PDFPageProxy['getOperatorList']>>;

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const MAX_THICKNESS = 2.5;
/** More lines than this are a picture, not tables. */
const MAX_RULINGS = 1500;
const IMAGES: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
]);
const STROKES: ReadonlySet<number> = new Set([OPS.stroke, OPS.closeStroke]);

/** What is drawn on a page besides its text. */
export function readDrawing({ fnArray, argsArray }: Operators, view: readonly number[]): Drawing {
  const rulings: Ruling[] = [];
  const saved: Matrix[] = [];
  let matrix = view as Matrix;
  for (const [index, operator] of fnArray.entries()) {
    const args = argsArray[index];
    matrix = transformed(matrix, operator, args, saved);
    if (operator === OPS.constructPath && args[0] !== OPS.endPath && rulings.length < MAX_RULINGS) {
      rulings.push(...rulingsOf(args[1][0] ?? [], STROKES.has(args[0]), matrix));
    }
  }
  return { rulings, hasImage: fnArray.some((operator) => IMAGES.has(operator)) };
}

function transformed(matrix: Matrix, operator: number, args: unknown, saved: Matrix[]): Matrix {
  switch (operator) {
    case OPS.save:
      saved.push(matrix);
      return matrix;
    case OPS.paintFormXObjectBegin:
      saved.push(matrix);
      return multiply(matrix, (args as readonly [Matrix | null])[0] ?? IDENTITY);
    case OPS.transform:
      return multiply(matrix, args as Matrix);
    case OPS.restore:
    case OPS.paintFormXObjectEnd:
      return saved.pop() ?? matrix;
    default:
      return matrix;
  }
}

export function multiply(m: readonly number[], n: readonly number[]): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = m;
  const [p = 1, q = 0, r = 0, s = 1, t = 0, u = 0] = n;
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

/** pdf.js writes a path as one list of numbers: 0 x y moves, 1 x y draws a line, 4 closes; others are curves. */
function rulingsOf(path: ArrayLike<number>, isStroke: boolean, matrix: Matrix): Ruling[] {
  const rulings: Ruling[] = [];
  let points: [number, number][] = [];
  const finish = () => {
    if (isStroke) for (let i = 1; i < points.length; i++) rulings.push(box(points.slice(i - 1, i + 1)));
    else if (points.length > 0) rulings.push(box(points));
  };
  for (let at = 0; at < path.length; ) {
    const command = path[at];
    if (command === 4) {
      if (points[0] !== undefined) points.push(points[0]);
      at += 1;
    } else if (command === 0 || command === 1) {
      if (command === 0) {
        finish();
        points = [];
      }
      const [, , , , x, y] = multiply(matrix, [1, 0, 0, 1, path[at + 1] ?? 0, path[at + 2] ?? 0]);
      points.push([x, y]);
      at += 3;
    } else return rulings;
  }
  finish();
  return rulings.filter(({ x0, x1, y0, y1 }) => {
    const [thin, long] = [Math.min(x1 - x0, y1 - y0), Math.max(x1 - x0, y1 - y0)];
    return thin <= MAX_THICKNESS && long > 2 * MAX_THICKNESS;
  });
}

function box(points: readonly (readonly [number, number])[]): Ruling {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { x0: least(xs), x1: greatest(xs), y0: least(ys), y1: greatest(ys) };
}
