/**
 * Version of how documents are read: raised whenever the same bytes give another text or other blocks. What was read
 * under an older version is read again, however equal its bytes are.
 */
export const BLOCKS_VERSION = 2;
