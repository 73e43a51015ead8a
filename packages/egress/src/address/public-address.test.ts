import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '100.63.255.255',
  '100.128.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '168.63.129.17',
  '166.7.255.255',
  '166.12.0.0',
  '2606:4700:4700::1111',
  '[2a00:1450:4001:82a::200e]',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['0.0.0.0', 'this network'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.127.255.255', 'carrier-grade NAT'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.169.254', 'link-local, cloud metadata'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.0.0.8', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', '6to4 relay'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'benchmarking'],
  ['198.19.255.255', 'benchmarking'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['168.63.129.16', 'platform of Azure'],
  ['161.26.0.10', 'services of IBM Cloud'],
  ['166.8.0.0', 'private endpoints of IBM Cloud'],
  ['166.11.255.255', 'private endpoints of IBM Cloud'],
  ['192.80.8.124', 'metadata of Equinix Metal'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::7f00:1', 'IPv4-compatible loopback'],
  ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
  ['::ffff:8.8.8.8', 'IPv4-mapped'],
  ['::ffff:0:127.0.0.1', 'IPv4-translated'],
  ['64:ff9b::7f00:1', 'NAT64'],
  ['64:ff9b:1::a00:1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['2001:2::1', 'benchmarking'],
  ['2001:10::1', 'ORCHID'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['2002:808:808::1', '6to4'],
  ['3fff::1', 'documentation'],
  ['2606:4700::5efe:7f00:1', 'ISATAP of loopback'],
  ['2606:4700::200:5efe:a00:1', 'ISATAP of private'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique local'],
  ['fd12:3456::1', 'unique local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['4000::1', 'not given out'],
  ['localhost', 'no address'],
  ['', 'no address'],
])('%s is refused (%s)', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

const INTERFACES = {
  eth0: [{ cidr: '93.184.216.34/24' }, { cidr: '2606:4700:1:2::10/64' }],
  tun0: [{ cidr: '8.8.4.4/0' }, { cidr: null }],
};

test.each(['93.184.216.34', '93.184.216.1', '2606:4700:1:2::10', '[2606:4700:1:2::1]', '8.8.4.4'])(
  '%s is refused on a machine that has it, or has it on a link',
  (address) => {
    expect(isPublicAddress(address, INTERFACES)).toBe(false);
    expect(isPublicAddress(address, {})).toBe(true);
  },
);

test.each(['93.184.217.1', '2606:4700:1:3::1', '8.8.4.5', '1.1.1.1'])(
  '%s is public on that machine',
  (address) => {
    expect(isPublicAddress(address, INTERFACES)).toBe(true);
  },
);
