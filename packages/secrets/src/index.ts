export { type AclOptions, renderAclFile } from './acl-file.ts';
export { createPasswords, type Passwords } from './passwords.ts';
export { type RedisConfigOptions, renderRedisConfig } from './redis-config.ts';
export { type RedisAddress, redisUrl } from './redis-url.ts';
export { REDIS_USERS, type RedisUser, type RedisUserName } from './redis-users.ts';
export { knowsClientSetinfo, parseServerVersion, type ServerVersion } from './server-version.ts';
export { createSigningKey, ensureSigningKey, fingerprintOf, readSigningKey } from './signing-key.ts';
export { createStackFiles, type SecretFile, type StackFilesOptions } from './stack-files.ts';
export { writeSecretFiles } from './write-secret-files.ts';
