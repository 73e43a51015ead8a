/** A counter as a format of Office shows it (ST_NumberFormat): "iv", "D", "12". */
export function formatNumber(value: number, format: string): string {
  if (format.endsWith('Letter') && value > 0) {
    const letter = String.fromCharCode(97 + ((value - 1) % 26)).repeat(Math.min(Math.ceil(value / 26), 9));
    return format.startsWith('upper') ? letter.toUpperCase() : letter;
  }
  if (format.endsWith('Roman')) return format.startsWith('upper') ? roman(value).toUpperCase() : roman(value);
  return format === 'decimalZero' && value < 10 ? `0${value}` : String(value);
}

const ROMAN = [
  ['m', 1000],
  ['cm', 900],
  ['d', 500],
  ['cd', 400],
  ['c', 100],
  ['xc', 90],
  ['l', 50],
  ['xl', 40],
  ['x', 10],
  ['ix', 9],
  ['v', 5],
  ['iv', 4],
  ['i', 1],
] as const;

function roman(value: number): string {
  let rest = Math.min(value, 3999);
  let text = '';
  for (const [letters, worth] of ROMAN) for (; rest >= worth; rest -= worth) text += letters;
  return text;
}
