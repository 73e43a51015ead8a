/** A collection with no more chunks is looked through whole, and its statements all stand near to each other. */
export const SMALL_COLLECTION_CHUNKS = 24;
