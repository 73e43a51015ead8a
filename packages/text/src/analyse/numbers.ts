/** 1,250; 1.250; 1 250; 12'500; with or without decimals behind another separator. */
const GROUPED = /^\d{1,3}([.,'’\u00A0\u2009\u202F ])\d{3}(?:\1\d{3})*(?:(?!\1)[.,](\d{1,2}|\d{4,}))?$/;
/** 1,50,000 as written in India. */
const GROUPED_IN_PAIRS = /^\d{1,2}(,)(?:\d{2},)+\d{3}(?:\.(\d+))?$/;
/** A decimal comma. */
const DECIMAL = /^(\d+),(\d+)$/;

/**
 * A number without separators of thousands and with a decimal point, or undefined when the text is not a number with
 * separators. What could be both is taken for thousands: "1.250" reads 1250, in texts and questions alike.
 */
export function numberOf(text: string): string | undefined {
  if (!/^\d[\d.,'’\u00A0\u2009\u202F ]*\d$/.test(text)) return undefined;
  const grouped = text.startsWith('0') ? null : (GROUPED.exec(text) ?? GROUPED_IN_PAIRS.exec(text));
  if (grouped !== null) {
    const decimals = grouped[2] ?? '';
    const digits = text.replace(/\D/g, '');
    const whole = digits.slice(0, digits.length - decimals.length);
    return /^0*$/.test(decimals) ? whole : `${whole}.${decimals}`;
  }
  const [, whole, decimals] = DECIMAL.exec(text) ?? [];
  return whole === undefined ? undefined : `${whole}.${decimals}`;
}
