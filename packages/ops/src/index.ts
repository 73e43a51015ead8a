export { keysFileEnv, keysFileOf, readKeysFile } from './keys-file.ts';
export { root } from './root.ts';
