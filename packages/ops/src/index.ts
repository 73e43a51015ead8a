export { keysFileEnv, keysFileOf, readKeysFile, root } from './keys-file.ts';
