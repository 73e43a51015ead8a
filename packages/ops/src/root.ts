import { fileURLToPath } from 'node:url';

/** The root of the repository: relative paths in variables start here. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));
