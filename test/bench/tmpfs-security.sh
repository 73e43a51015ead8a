# What a tmpfs lets programs and other users do, by its options. As root, in a mount namespace of its own:
#   sudo unshare --mount sh test/bench/tmpfs-security.sh
set -u
folder=$(mktemp -d)
chmod 755 "$folder"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
say() { printf '  %-46s %s\n' "$1" "$2"; }
try() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then say "$what" yes; else say "$what" no; fi
}
sees_root() { [ "$(nobody "$1" -u)" = 0 ]; }

for options in mode=1777 mode=1777,nosuid,nodev mode=1777,nosuid,nodev,noexec mode=0700,nosuid,nodev; do
  mount -t tmpfs -o "size=4m,$options" tmpfs "$folder" || continue
  echo "$options"
  cp /usr/bin/id "$folder/program"
  printf '#!/bin/sh\ntrue\n' >"$folder/script"
  cp /usr/bin/id "$folder/setuid"
  chmod 755 "$folder/program" "$folder/script"
  chmod 4755 "$folder/setuid"
  mknod "$folder/null" c 1 3
  (umask 077 && echo secret >"$folder/private")
  echo public >"$folder/public"
  try 'a program in it runs' "$folder/program"
  try 'a script in it runs' "$folder/script"
  try 'a script in it runs, given to sh' sh "$folder/script"
  try 'a program in it runs, given to the loader' /lib64/ld-linux-x86-64.so.2 "$folder/program"
  try 'a setuid program in it raises another user' sees_root "$folder/setuid"
  try 'a device node in it works' sh -c ': >"$1"' sh "$folder/null"
  try 'another user lists it' nobody ls "$folder"
  try 'another user reads a file of mode 0644' nobody cat "$folder/public"
  try 'another user reads a file of mode 0600' nobody cat "$folder/private"
  umount "$folder"
done

echo 'swap'
if mount -t tmpfs -o size=1m,noswap tmpfs "$folder" 2>/dev/null; then
  say 'the kernel takes noswap' yes
  umount "$folder"
else
  say 'the kernel takes noswap' no
fi
say 'kB of swap in this machine' "$(sed -n 's/^SwapTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
rmdir "$folder"
