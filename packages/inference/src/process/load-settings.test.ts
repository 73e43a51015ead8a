import { expect, it } from 'vitest';
import { choosePoolThreads } from './load-settings.ts';

it('gives a process several threads for its pool only where its model may come to lie on a device', () => {
  const auto = { vulkan: 'auto', visibleDevices: undefined } as const;
  expect(choosePoolThreads(auto, true)).toBe(4);
  expect(choosePoolThreads({ ...auto, vulkan: 1 }, true)).toBe(4);
  expect(choosePoolThreads(auto, false)).toBe(1);
  expect(choosePoolThreads({ vulkan: 'off', visibleDevices: '0' }, true)).toBe(1);
});

it('counts a device that a person asks for, which may be software', () => {
  expect(choosePoolThreads({ vulkan: 'auto', visibleDevices: '0' }, false)).toBe(4);
});
