export { type DnsServer, openDnsServer } from './dns-server.ts';
export { FORBIDDEN_HOSTS, hostileNames, lookupFrom } from './forbidden-hosts.ts';
export { type Inside, openInside } from './inside.ts';
export { type LocalSite, openLocalSite, redirectTo, respond } from './local-site.ts';
export { SELF_SIGNED } from './self-signed.ts';
