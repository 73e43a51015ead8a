# The command of the PostgreSQL of compose/scale.yaml. The image runs what lies in this folder when it makes a database.
set -eu
mkdir -p -m 0700 /run/postgresql
cp /run/xnai/first.sql /docker-entrypoint-initdb.d/
exec docker-entrypoint.sh postgres "$@"
