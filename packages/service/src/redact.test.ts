import { expect, test } from 'vitest';
import { redactText } from './redact.ts';

test.each([
  ['redis://rag:pw@127.0.0.1:6379/0', 'redis://[redacted]@127.0.0.1:6379/0'],
  ['redis://:p@ss:w0rd@host', 'redis://[redacted]@host'],
  [
    'redis+sentinel://u:pw@s1:1,s2:2/main?sentinelPassword=pw&db=1',
    'redis+sentinel://[redacted]@s1:1,s2:2/main?sentinelPassword=[redacted]&db=1',
  ],
  [
    'see https://user:pw@host/x?y=1 and http://host/a@b:c',
    'see https://[redacted]@host/x?y=1 and http://host/a@b:c',
  ],
  [`key xnai_${'a'.repeat(43)}.`, 'key xnai_[redacted].'],
  ['authorization: Bearer abcdefgh.ijk', 'authorization: Bearer [redacted]'],
  ['nothing to hide: http://host:8080/path, a@b.org', 'nothing to hide: http://host:8080/path, a@b.org'],
])('redactText(%j)', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});
