#!/usr/bin/env bash
# A PostgreSQL 17 with pgvector for `npm run bench -- scale`, out of Debian's packages in a folder of its own, on a host
# that has another release. It listens on the loopback address alone, and asks for no password there.
# Needs: root, a Debian-like host with apt and mmdebstrap.
# Usage: postgres-server.sh start FOLDER [PORT] | stop FOLDER | remove FOLDER
set -euo pipefail

SUITE=${DEBIAN_SUITE:-trixie}
# The mirror that this host's apt already uses.
MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m1 '/debian$' || :)}
BIN=/usr/lib/postgresql/17/bin
DATA=/var/lib/postgresql/bench

die() { printf 'error: %s\n' "$*" >&2; exit 1; }
inside() {
  chroot "$root" setpriv --reuid postgres --regid postgres --init-groups env -i PATH="$BIN:/usr/bin:/bin" LANG=C.UTF-8 "$@"
}

make_root() {
  [ -e "$root/.ready" ] && return 0
  command -v mmdebstrap >/dev/null || die "missing: mmdebstrap (apt-get install mmdebstrap)"
  [ -n "$MIRROR" ] || die "apt knows no Debian mirror"
  # The package is kept from making a cluster of its own.
  mmdebstrap --quiet --variant=minbase --include=postgresql-17,postgresql-17-pgvector \
    --essential-hook='mkdir -p "$1/etc/postgresql-common"' \
    --essential-hook='echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
    "$SUITE" "$root" "$MIRROR"
  touch "$root/.ready"
}

# What docs/scale.md recommends, for a machine with this much memory.
settings() {
  local quarter=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 1024 / 4))
  printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $port" "unix_socket_directories = '/tmp'" \
    "max_connections = 100" "shared_buffers = ${quarter}MB" "effective_cache_size = $((quarter * 3))MB" \
    "maintenance_work_mem = $((quarter / 8))MB" "max_wal_size = 4GB" "checkpoint_timeout = 15min" \
    "wal_compression = lz4" "jit = off" "random_page_cost = 1.1"
}

start() {
  make_root
  mkdir -p "$root/dev/shm"
  mountpoint -q "$root/dev/shm" || mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  if [ ! -d "$root$DATA" ]; then
    inside initdb --pgdata="$DATA" --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    echo "include_if_exists = 'bench.conf'" >>"$root$DATA/postgresql.conf"
  fi
  settings >"$root$DATA/bench.conf"
  inside pg_ctl --pgdata="$DATA" --log=/var/lib/postgresql/bench.log --wait start >/dev/null
  local exists
  exists=$(inside psql -h 127.0.0.1 -p "$port" -qAt -c "SELECT 1 FROM pg_database WHERE datname = 'bench'")
  [ "$exists" = 1 ] || inside createdb -h 127.0.0.1 -p "$port" bench
  echo "postgres://postgres@127.0.0.1:$port/bench"
}

stop() {
  inside pg_ctl --pgdata="$DATA" --mode=fast stop >/dev/null || :
  umount "$root/dev/shm" 2>/dev/null || :
}

[ $# -ge 2 ] || { sed -n 's/^# Usage: /usage: /p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || die "run as root"
root=$(realpath -m "$2") port=${3:-5517}
case $1 in
  start) start ;;
  stop) stop ;;
  remove) stop; rm -rf "$root" ;;
  *) die "start, stop or remove" ;;
esac
