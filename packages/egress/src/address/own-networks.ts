import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

/** As `os.networkInterfaces()` gives them: the address of each interface with the length of its prefix. */
export type Interfaces = Readonly<Record<string, readonly { readonly cidr: string | null }[] | undefined>>;

/**
 * True for addresses of this machine and of what is on its links, public by number or not: a router's page of settings
 * has a global address of IPv6, and services listen on each address of their machine.
 */
export function isOwnNetwork(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  interfaces: Interfaces = networkInterfaces(),
): boolean {
  return Object.values(interfaces).some((addresses = []) =>
    addresses.some(({ cidr }) => cidr !== null && isOnLink(address, cidr)),
  );
}

function isOnLink(address: ipaddr.IPv4 | ipaddr.IPv6, cidr: string): boolean {
  const [network, length] = ipaddr.parseCIDR(cidr);
  // A tunnel may give its whole internet as its link; its own address is still this machine's.
  if (length === 0) return network.toString() === address.toString();
  return network.kind() === address.kind() && address.match(network, length);
}
