/**
 * What is written for each `format`: not all that the format allows, but nothing that it does not. Dates and times are
 * those of RFC 3339.
 */
const DAYS = {
  31: `("0" [1-9] | [12] [0-9] | "3" [01])`,
  30: `("0" [1-9] | [12] [0-9] | "30")`,
  28: `("0" [1-9] | "1" [0-9] | "2" [0-8])`,
};
const DATE = `[0-9]{4} "-" (("01" | "03" | "05" | "07" | "08" | "10" | "12") "-" ${DAYS[31]} | ("04" | "06" | "09" | "11") "-" ${DAYS[30]} | "02-" ${DAYS[28]})`;
const CLOCK = `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]`;
const TIME = `${CLOCK} ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ${CLOCK})`;
const LABEL = `[a-z0-9] ([a-z0-9-]{0,30} [a-z0-9])?`;
const HOST = `${LABEL} ("." ${LABEL}){0,6}`;
const OCTET = `("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9] [0-9] | [0-9])`;

export const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE} "T" ${TIME}`,
  uuid: `[0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12}`,
  email: `[a-zA-Z0-9]{1,32} ([._+-] [a-zA-Z0-9]{1,32}){0,3} "@" ${LABEL} ("." ${LABEL}){1,6}`,
  hostname: HOST,
  ipv4: `${OCTET} ("." ${OCTET}){3}`,
  uri: `"http" "s"? "://" ${HOST} (":" [1-9] [0-9]{0,3})? ("/" [a-zA-Z0-9._~/-]{0,300})? ("?" [a-zA-Z0-9._~=&-]{0,300})? ("#" [a-zA-Z0-9._~-]{0,100})?`,
};
