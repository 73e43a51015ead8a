import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { BY_UMASK, makeFolderSync } from '@xnai/service/make-folder';

/**
 * Variables that let the drivers of GPUs keep the programs they compile in a folder of ours, beside the models: NVIDIA's
 * keeps none for root or where its own folder is read-only, and then takes many seconds at each start of a model. What a
 * person has set stays; without a folder that can be written, the drivers do as they do by themselves.
 */
export function shaderCache(modelsDirectory: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const folder = resolve(modelsDirectory, 'shaders');
  try {
    makeFolderSync(modelsDirectory, BY_UMASK);
    makeFolderSync(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    return {};
  }
  const variables = {
    __GL_SHADER_DISK_CACHE: '1',
    __GL_SHADER_DISK_CACHE_PATH: folder,
    MESA_SHADER_CACHE_DIR: folder,
  };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => env[name] === undefined));
}
