# The first command of a container: sh start.sh [-p PORT] COMMAND...
#
# It waits until the service `secrets` has written this service's files, and then runs COMMAND. A command that ended
# within a minute of its start is started again at once the first time, then after 1, 2, 4, … and at most 60 seconds:
# the engine itself starts a container again without a pause. A command that ended because the container was stopped
# does not count. Until the start PORT answers everything with 503, so that the container is not healthy. That cuts no
# pause short: with compose, an unhealthy container is left alone.
#
# Under systemd (RESTART_BACKOFF=systemd, as the Quadlet units say) there are no pauses, because systemd makes them.
# There an unhealthy container is killed (HealthOnFailure), which can only cut short the wait for `secrets`: the next
# start goes on with it.
#
# /run/starts is a small volume in memory. `secrets` holds it too, so that it outlives this container; it has `ready`,
# written by `secrets`, and `count`: how often the command was started in a row, and when last (seconds since 1970).
set -eu
starts=${STARTS_DIR:-/run/starts}
port=
if [ "$1" = -p ]; then
  port=$2
  shift 2
fi

count=0
pause=0
if [ "${RESTART_BACKOFF:-}" != systemd ]; then
  last=0
  [ ! -s "$starts/count" ] || read -r count last <"$starts/count" || :
  case $count$last in *[!0-9]*) count=0 last=0 ;; esac
  now=$(date +%s)
  # A run of a minute, or a clock that went back, ends the row.
  [ $((now - last)) -ge 0 ] && [ $((now - last)) -lt 60 ] || count=0
  [ "$count" -le 8 ] || count=8
  [ "$count" -lt 2 ] || pause=$((1 << (count - 2)))
  [ "$pause" -le 60 ] || pause=60
fi

if [ "$pause" -gt 0 ]; then
  echo "start: the command ended $count times in a row within a minute of its start; next start in $pause s" >&2
fi
if [ -n "$port" ] && { [ "$pause" -gt 0 ] || [ ! -e "$starts/ready" ]; }; then
  node containers/wait.ts "$port" "$pause" "$starts/ready" || sleep "$pause"
else
  sleep "$pause"
fi
while [ ! -e "$starts/ready" ]; do sleep 0.2; done

# Podman gives a volume that is still empty to the owner of its folder in the container, who is root from the second start
# of a container on. So what is kept is never empty: /app/models, /var/lib/xnai-schedules, /var/lib/xnai-snapshots, /var/lib/xnai-shaders.
for folder in /app/models /var/lib/xnai-*; do
  [ ! -w "$folder" ] || : >>"$folder/.volume" || :
done

[ "${RESTART_BACKOFF:-}" != systemd ] || exec "$@"

# A full or missing volume must not keep the service from its start.
echo "$((count + 1)) $(date +%s)" >"$starts/count" || :

# This shell stays, to see whether the end was asked for: the engine stops a container by SIGTERM, and a crash has none.
asked=
child=
pass() {
  asked=$1
  rm -f "$starts/count" || :
  [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null || :
}
for signal in HUP INT TERM; do trap "pass $signal" "$signal"; done
"$@" &
child=$!
# A signal that came before the command was there.
[ -z "$asked" ] || pass "$asked"

code=0
wait "$child" || code=$?
# A signal ends `wait`, but not yet the command.
while kill -0 "$child" 2>/dev/null; do
  code=0
  wait "$child" || code=$?
done
exit "$code"
