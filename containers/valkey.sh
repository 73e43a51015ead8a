# The command of a Valkey server or sentinel of compose/scale.yaml: sh valkey.sh NAME [OPTION...]
#
# Both programs write into their configuration who the master is. So each has its own copy of what `secrets` wrote, in a
# volume that is kept: with the files of the first day, all would make the first server the master, however old its data are.
set -eu
file=/var/lib/xnai/$1.conf
if [ ! -s "$file" ]; then
  cp "/run/xnai/$1.conf" "$file.new"
  chmod 600 "$file.new"
  mv "$file.new" "$file"
fi
shift
exec docker-entrypoint.sh valkey-server "$file" "$@"
