import ipaddr from 'ipaddr.js';
import { type Interfaces, isOwnNetwork } from './own-networks.ts';

/**
 * True for an address of the public internet: global unicast, no IPv4 address hidden inside that is not, and neither on a
 * link of this machine nor of a platform's own services. Everything else is refused by the name of its range: loopback,
 * private, link-local, CGNAT, multicast, documentation, benchmarking, reserved, and every transition form (IPv4-mapped,
 * IPv4-compatible, NAT64, 6to4, Teredo, ISATAP), since each of them reaches an IPv4 address of the caller's choice.
 *
 * @param address an IP literal, with or without the brackets of a URL
 * @param interfaces those of this machine by default
 */
export function isPublicAddress(address: string, interfaces?: Interfaces): boolean {
  const bare = stripBrackets(address);
  // A zone names an interface of this machine.
  if (bare.includes('%') || !ipaddr.isValid(bare)) return false;
  const parsed = ipaddr.parse(bare);
  if (parsed.range() !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv6 ? !isGlobalIPv6(parsed) : isPlatform(parsed)) return false;
  return !isOwnNetwork(parsed, interfaces);
}

/**
 * What clouds answer to their own guests, at numbers that are public by range: Azure's platform and its metadata
 * (168.63.129.16), IBM Cloud's services and private endpoints (161.26.0.0/16, 166.8.0.0/14), and the metadata of Equinix
 * Metal (192.80.8.124).
 */
const PLATFORMS = ['168.63.129.16/32', '161.26.0.0/16', '166.8.0.0/14', '192.80.8.124/32'].map((cidr) =>
  ipaddr.IPv4.parseCIDR(cidr),
);

function isPlatform(address: ipaddr.IPv4): boolean {
  return PLATFORMS.some((platform) => address.match(platform));
}

/** True when a URL's host is an address and not a name. */
export function isAddress(host: string): boolean {
  return ipaddr.isValid(stripBrackets(host));
}

function stripBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** The block that IANA assigns as global unicast. ipaddr.js names every unassigned address unicast, `::7f00:1` too. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

function isGlobalIPv6(address: ipaddr.IPv6): boolean {
  return address.match(GLOBAL_UNICAST) && !isIsatap(address);
}

/** RFC 5214 section 6.1: an interface identifier of 0000:5efe or 0200:5efe, then an IPv4 address. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high = 0, low = 0] = address.parts.slice(4);
  return (high & ~0x0200) === 0 && low === 0x5efe;
}
