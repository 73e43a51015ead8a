import { expect, it } from 'vitest';
import { modelEnvironment } from './model-environment.ts';

it('passes on what the loader and the drivers of GPUs read, and no secrets', () => {
  const passedOn = {
    PATH: '/usr/bin',
    LD_LIBRARY_PATH: '/usr/local/nvidia/lib64',
    VK_DRIVER_FILES: '/etc/vulkan/icd.d/nvidia_icd.json',
    GGML_VK_VISIBLE_DEVICES: '1',
    MESA_SHADER_CACHE_DIR: '/tmp/mesa',
    DRI_PRIME: '1',
    AMD_VULKAN_ICD: 'RADV',
    __GL_SHADER_DISK_CACHE_PATH: '/tmp/nvidia',
    __NV_PRIME_RENDER_OFFLOAD: '1',
  };
  const kept = {
    XNAI_API_KEY: 'xnai_secret',
    REDIS_PASSWORD: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    NODE_OPTIONS: '--inspect',
  };
  expect(modelEnvironment({ ...passedOn, ...kept })).toEqual(passedOn);
});
