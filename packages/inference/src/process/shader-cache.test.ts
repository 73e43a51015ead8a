import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/open-test-models.ts';
import { shaderCache } from './shader-cache.ts';

const directory = makeTestDirectory();
afterAll(() => directory.remove());

it('is a private folder beside the models', () => {
  const folder = join(directory.path, 'models', 'shaders');
  expect(shaderCache(join(directory.path, 'models'), {})).toEqual({
    __GL_SHADER_DISK_CACHE: '1',
    __GL_SHADER_DISK_CACHE_PATH: folder,
    MESA_SHADER_CACHE_DIR: folder,
  });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('leaves what a person has set', () => {
  const env = { __GL_SHADER_DISK_CACHE: '0', MESA_SHADER_CACHE_DIR: '/tmp/mesa' };
  expect(Object.keys(shaderCache(directory.path, env))).toEqual(['__GL_SHADER_DISK_CACHE_PATH']);
});

it('is left to the driver where the folder cannot be made', () => {
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  expect(shaderCache(file, {})).toEqual({});
});
