import { describe, expect, it } from 'vitest';
import { refuseDevices } from './judge-devices.ts';

describe('Vulkan devices', () => {
  it('are used when they are real', () => {
    expect(refuseDevices(['AMD Radeon 780M (RADV PHOENIX)'], false)).toBeUndefined();
  });

  it('are not used when none is named, although the driver loads', () => {
    expect(refuseDevices([], false)).toBe('Vulkan is installed but names no device');
    expect(refuseDevices([], true)).toBe('Vulkan is installed but names no device');
  });

  it('are used when they are software only when a person asks for it', () => {
    const name = 'llvmpipe (LLVM 15.0.6, 256 bits)';
    expect(refuseDevices([name], false)).toContain('is a software device; set GGML_VK_VISIBLE_DEVICES');
    expect(refuseDevices([name], true)).toBeUndefined();
  });
});
