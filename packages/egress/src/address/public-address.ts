import ipaddr from 'ipaddr.js';

/**
 * True for an address of the public internet: global unicast, and no IPv4 address hidden inside that is not.
 * Everything else is refused by the name of its range, never by a list of exceptions: loopback, private,
 * link-local, CGNAT, multicast, documentation, benchmarking, reserved, and every transition form (IPv4-mapped,
 * IPv4-compatible, NAT64, 6to4, Teredo, ISATAP), since each of them reaches an IPv4 address of the caller's choice.
 *
 * @param address an IP literal, with or without the brackets of a URL
 */
export function isPublicAddress(address: string): boolean {
  const bare = stripBrackets(address);
  // A zone names an interface of this machine.
  if (bare.includes('%') || !ipaddr.isValid(bare)) return false;
  const parsed = ipaddr.parse(bare);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || isGlobalIPv6(parsed as ipaddr.IPv6);
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
