import fc from 'fast-check';

const anyNumberText = fc.constantFrom(
  '0',
  '1',
  '3',
  '64',
  '65',
  '999999999999999999',
  '99999999999999',
  '1700000000500',
  '1700000009999',
  '1800000000000',
  '-1',
  'NaN',
  'Infinity',
  '1e9',
  '0x10',
  '',
  ' 7',
  '1.5',
  'open',
);

/** A record's fields as someone might write them who does not know the format, or knows it too well. */
export const anyFields: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      state: fc.constantFrom('open', 'closed', 'half-open', 'half-open', 'OPEN', '', 'isolated'),
      generation: anyNumberText,
      until: anyNumberText,
      attempt: anyNumberText,
      leases: fc.constantFrom('', '1=1700000000500;2=99999999999999', 'x', '=;=', '1=', '5=1700000000900'),
      succeeded: fc.constantFrom('0', '2', '3', '9', 'x'),
      failed: anyNumberText,
      changed_at: anyNumberText,
      forced_by: fc.constantFrom('mallory', ''),
      forced_reason: fc.constantFrom('because', ''),
      forced_until: anyNumberText,
      'v:z': anyNumberText,
      'w:z': fc.constantFrom('3', '3|1,2,3', '2|170000000,1,1,0', 'x|1,1,1,1', ''),
      unheard_of: fc.constant('kept'),
    },
    { requiredKeys: [] },
  )
  .map((fields) => fields as Record<string, string>);
