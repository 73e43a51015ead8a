import { expect, it } from 'vitest';
import { fromPostgres, isConflict } from './postgres-failure.ts';

const failure = (code: string) => Object.assign(new Error('as PostgreSQL says it'), { code });

it.each([
  ['08006', 'STORE_UNREACHABLE', 'PostgreSQL: as PostgreSQL says it'],
  ['57P01', 'STORE_UNREACHABLE', 'PostgreSQL: as PostgreSQL says it'],
  ['25006', 'STORE_UNREACHABLE', expect.stringContaining('is a standby')],
  ['53100', 'STORAGE_FULL', 'The disk of the database server is full'],
  ['28P01', 'STORE_DENIED', expect.stringContaining('password')],
  ['XX000', 'STORE_FAILED', 'The store could not do its work'],
])('%s is %s', (state, code, message) => {
  expect(fromPostgres(failure(state))).toMatchObject({ code, message });
});

it.each(['40P01', '42P01', '42704', '42883'])(
  '%s is tried again, and a mistake in a statement is not',
  (state) => {
    expect(isConflict(failure(state))).toBe(true);
    expect(isConflict(failure('42601'))).toBe(false);
  },
);
