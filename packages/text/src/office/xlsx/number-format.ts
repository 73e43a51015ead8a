/** How a number of a sheet is shown by the code of its format (ECMA-376 part 1, 18.8.30). */
export type Format = (value: number) => string;

/** Codes that a file states by their number alone. Those that it leaves out are dates in some language or "General". */
const BUILT_IN =
  '1=0 2=0.00 3=#,##0 4=#,##0.00 9=0% 10=0.00% 11=0.00E+00 18=h:mm 19=h:mm:ss 20=h:mm 21=h:mm:ss 22=y_h:mm 37=#,##0 ' +
  '38=#,##0 39=#,##0.00 40=#,##0.00 45=mm:ss 46=[h]:mm:ss 47=mm:ss 48=##0.0E+0';
const CODES = new Map(
  BUILT_IN.split(' ').map((entry) => [Number.parseInt(entry, 10), entry.replace(/^\d+=/, '')]),
);
const DATE_IDS = [
  [14, 17],
  [27, 36],
  [50, 58],
] as const;

/** Days from the first day of 1900, as the program counts it, to that of 1970; it holds 1900 to be a leap year. */
const EPOCH_DAYS = 25_569;
const DAYS_TO_1904 = 1_462;
const FALSE_LEAP_DAY = 60;
const DAY_MS = 86_400_000;

const TOKEN =
  /"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[#0?][#0?,]*(?:\.[#0?]*)?|\.[#0?]+|E[+-]?0+|./gsu;

export function builtInCode(id: number): string {
  const isDate = DATE_IDS.some(([first, last]) => id >= first && id <= last);
  return CODES.get(id) ?? (isDate ? 'yyyy-mm-dd' : 'General');
}

export function readFormat(code: string, isFrom1904: boolean): Format {
  const sections = code.match(/(?:"[^"]*"|\\.|[^;"\\])+/gsu) ?? ['General'];
  const bare = (sections[0] ?? '').replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/giu, '');
  if (/[ymdhs]/i.test(bare.replace(/general/gi, '')))
    return (value) => showDate(value, bare.toLowerCase(), isFrom1904);
  return (value) => {
    const own = sections[value < 0 ? 1 : value === 0 ? 2 : 0];
    const isOwn = own !== undefined && value <= 0;
    return showNumber(isOwn ? Math.abs(value) : value, own ?? sections[0] ?? '');
  };
}

/** As many digits as the program keeps: 0.1 + 0.2 is 0.3. */
function general(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}

/** A section of a format: what stands before the digits, their pattern, the exponent, what stands behind. */
interface Section {
  prefix: string;
  pattern: string;
  exponent: string;
  suffix: string;
}

function readSection(code: string): Section {
  const section: Section = { prefix: '', pattern: '', exponent: '', suffix: '' };
  for (const [token, quoted, escaped, currency] of code.matchAll(TOKEN)) {
    const literal = quoted ?? escaped ?? currency;
    if (literal === undefined && /^(?:[#0?]|\.[#0?])/.test(token)) section.pattern += token;
    else if (literal === undefined && /^E./.test(token)) section.exponent = token;
    else if (literal !== undefined || !/^[_*[]/.test(token)) {
      section[section.pattern === '' ? 'prefix' : 'suffix'] += literal ?? token;
    }
  }
  return section;
}

function showNumber(value: number, code: string): string {
  const isFraction = /[#0?]\s*\/\s*[#0?\d]/.test(code);
  if (isFraction || /general|@/i.test(code)) return general(value);
  const { prefix, pattern, exponent, suffix } = readSection(code);
  if (pattern === '') return prefix.trim() || general(value);
  // Digits with something between them, as in a telephone number.
  if (!code.includes(pattern)) return general(value);
  const scaled = Math.abs(value) * ((prefix + suffix).includes('%') ? 100 : 1);
  const shown = digits(scaled, pattern, exponent);
  // "-" stands for zero where the pattern asks for no digit.
  const isEmpty = !/[.0]/.test(pattern) && shown === '0' && /[^\s%]/.test(prefix);
  return `${value < 0 ? '-' : ''}${prefix}${isEmpty ? '' : shown}${suffix}`.trim();
}

function digits(value: number, pattern: string, exponent: string): string {
  const [whole = '', fraction = ''] = pattern.split('.');
  const least = fraction.replace(/[^0]/g, '').length;
  const trim = (text: string) =>
    fraction.length > least
      ? text.replace(new RegExp(`(\\.\\d{${least}}\\d*?)0+$`), '$1').replace(/\.$/, '')
      : text;
  if (exponent !== '') return value.toExponential(Math.min(fraction.length, 15)).toUpperCase();
  const thousands = /,+$/.exec(whole)?.[0].length ?? 0;
  const shown = trim((value / 1000 ** thousands).toFixed(Math.min(fraction.length, 15)));
  const [int = '', rest] = shown.split('.');
  const padded = int.padStart(Math.min(whole.replace(/[^0]/g, '').length, 30), '0');
  const grouped = /[#0?],[#0?]/.test(whole) ? padded.replace(/\B(?=(\d{3})+$)/g, ',') : padded;
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

/** A point in time by ISO 8601, as far as the format shows it: "2024-03-01", "2024-03-01 14:30", "14:30:05", "27:15". */
function showDate(serial: number, code: string, isFrom1904: boolean): string {
  const seconds = Math.round(serial * 86_400);
  if (code.includes('[')) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60].map((part) =>
      String(part).padStart(2, '0'),
    );
    return `${hours}:${minutes}${code.includes('s') ? `:${String(seconds % 60).padStart(2, '0')}` : ''}`;
  }
  const days = serial + (isFrom1904 ? DAYS_TO_1904 : serial < FALSE_LEAP_DAY ? 1 : 0) - EPOCH_DAYS;
  const date = new Date(Math.round((days * DAY_MS) / 1000) * 1000);
  if (Number.isNaN(date.getTime()) || serial < 0) return general(serial);
  const [day, time = ''] = date.toISOString().split('T');
  const clock = time.slice(0, code.includes('s') ? 8 : 5);
  if (!/[hs]/.test(code)) return day ?? '';
  return /[yd]/.test(code) ? `${day} ${clock}` : clock;
}
