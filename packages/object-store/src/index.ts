export { ObjectStoreError } from './object-store-error.ts';
export { type Bucket, type ObjectCall, openBucket } from './open-bucket.ts';
export { type ObjectStore, objectStoreOf, objectStoreVariables } from './settings.ts';
export { elementsOf } from './xml.ts';
