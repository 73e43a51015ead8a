/** What someone must mend before a connection can come about: a certificate, or what speaks no TLS. Undefined for all else. */
export const trustFaultOf = (error: Error): string | undefined => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has expired (${code})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for other names (${code}): ${error.message}`;
  if (CERTIFICATE.test(code))
    return `its certificate cannot be trusted (${code}): NODE_EXTRA_CA_CERTS names the file of an authority of your own`;
  if (TLS.test(code)) return `it speaks no TLS (${code}): does its URL begin with redis: or redis+sentinel:?`;
  return undefined;
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO/;
const TLS = /^ERR_SSL|^EPROTO$/;

/** The same, and a login that is refused, in its own words. */
export const connectionFaultOf = (error: Error): string | undefined =>
  LOGIN.test(error.message) ? `it refuses the login: ${error.message}` : trustFaultOf(error);

const LOGIN = /^(WRONGPASS|NOAUTH|NOPERM)/;
