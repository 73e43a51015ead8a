# The command of the PostgreSQL of compose/scale.yaml and deploy/kube.
set -eu
# A database whose making was cut off lacks its role or more, and the image takes it for a whole one. Nothing was in it yet:
# the mark goes before anybody may connect.
making=${PGDATA%/*}/making
if [ -e "$making" ]; then rm -rf "$PGDATA"; fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  touch "$making"
  sync "$making" "${PGDATA%/*}"
fi
mkdir -p -m 0700 /run/postgresql
# The image runs what lies there when it makes a database. In a pod both files are there already.
if [ ! -e /docker-entrypoint-initdb.d/first.sql ]; then
  cp /run/xnai/last.sh /run/xnai/first.sql /docker-entrypoint-initdb.d/
fi
exec docker-entrypoint.sh postgres "$@"
