# Settings and small helpers that every script here shares.  Source it; every
# value can be overridden from the environment.
LAB=${LAB:-/var/tmp/xnai-podman-machine}    # everything lives under this folder
MACHINE=$LAB/machine                         # root file system of the "machine"
LAB_UID=${LAB_UID:-1001}                     # the unprivileged user who runs Podman: 1000 or 1001
LAB_USER=lab$LAB_UID
DEBIAN_SUITE=${DEBIAN_SUITE:-trixie}
COMPOSE_SUITE=${COMPOSE_SUITE:-forky}        # where the newer podman-compose is from
NODE_MAJOR=${NODE_MAJOR:-24}
SITE_CA_DIR=${SITE_CA_DIR:-/usr/local/share/ca-certificates} # site CAs (may be empty)
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '== [%4ss] %s\n' "$SECONDS" "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
