/** A collection with no more chunks is looked through whole, and its statements all stand near to each other. */
export const SMALL_COLLECTION_CHUNKS = 24;

/** A collection with no more chunks is one small page: a value that it says once is that of its subject. */
export const SMALL_PAGE_CHUNKS = 3;
