/** In the data folder of a stack without containers: the append-only file of its Redis. */
export const REDIS_FOLDER = 'redis';
