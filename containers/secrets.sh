# The command of the service `secrets`: sh secrets.sh. It writes the files of all services, says so in the volume from
# which each of them starts (see start.sh), and stays: a container that depends on an ended one is never restarted by
# podman-compose, and the volumes in memory would be emptied by the restart of their last user. When the files cannot be
# written it tries again; under systemd (RESTART_BACKOFF=systemd) it ends instead, because systemd starts it again.
set -u
until node apps/dev/write-secrets.ts /run/secrets-of; do
  [ "${RESTART_BACKOFF:-}" != systemd ] || exit 1
  sleep 2
done
for starts in /run/starts-of/*; do touch "$starts/ready"; done
# A certificate of the balancer that was made here is made anew before it ends; all else stays as its owner has it.
while [ -d /run/secrets-of/balancer ]; do
  sleep 86400
  node apps/dev/write-secrets.ts /run/secrets-of --certificate ||
    echo 'secrets: the certificate was not looked after; next try in a day' >&2
done
exec sleep infinity
