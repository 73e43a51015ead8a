import { describe, expect, it } from 'vitest';
import { checkDeviceRoom } from './fit-memory.ts';

const MIB = 2 ** 20;

describe('the room on a device', () => {
  it('suffices with a reserve', () => {
    expect(() => checkDeviceRoom(900 * MIB, 1_000 * MIB)).not.toThrow();
  });

  it('does not when another program has taken the memory, and the figures are said', () => {
    expect(() => checkDeviceRoom(901 * MIB, 1_000 * MIB)).toThrow(
      "the model needs 901 MiB of the device's memory, 1,000 MiB are free",
    );
  });
});
