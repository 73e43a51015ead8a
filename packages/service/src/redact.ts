const SECRET_FIELDS = [
  'authorization',
  '"x-api-key"',
  'cookie',
  '"set-cookie"',
  '"proxy-authorization"',
  'password',
  'secret',
  'token',
  'apiKey',
  'api_key',
];

/** Fields that never reach a log line, at the top of an object and up to two levels down. */
export const REDACTED_PATHS: readonly string[] = SECRET_FIELDS.flatMap((field) => [
  field.startsWith('"') ? `[${field}]` : field,
  nested('*', field),
  nested('*.*', field),
]);

function nested(prefix: string, field: string): string {
  return field.startsWith('"') ? `${prefix}[${field}]` : `${prefix}.${field}`;
}

/** Takes credentials out of text, wherever they stand in it: URLs with a login, our keys, bearer tokens. */
export function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>@]*:[^\s/?#"'<>]*@/gi, '$1[redacted]@')
    .replace(/\b(sentinelPassword=)[^&\s"'<>]+/gi, '$1[redacted]')
    .replace(/xnai_[A-Za-z0-9_-]{43}/g, 'xnai_[redacted]')
    .replace(/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/g, '$1 [redacted]');
}
