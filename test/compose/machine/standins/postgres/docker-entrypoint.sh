#!/bin/bash
# As in the official image: started as root it gives the data to postgres and steps down; an empty folder gets a cluster, a
# user and a database, and the files of /docker-entrypoint-initdb.d are run against it before anybody else may connect.
set -eu

# The value of a variable, or of the file that the variable with _FILE names.
setting() {
  local file=$1_FILE
  if [ -n "${!1-}" ] && [ -n "${!file-}" ]; then echo "error: both $1 and $file are set" >&2; exit 1; fi
  if [ -n "${!file-}" ]; then cat "${!file}"; else printf '%s' "${!1-$2}"; fi
}

make_cluster() {
  local user password database auth=scram-sha-256 file
  user=$(setting POSTGRES_USER postgres)
  password=$(setting POSTGRES_PASSWORD '')
  database=$(setting POSTGRES_DB "$user")
  if [ -z "$password" ]; then
    [ "${POSTGRES_HOST_AUTH_METHOD-}" = trust ] || { echo 'error: POSTGRES_PASSWORD is not set' >&2; exit 1; }
    auth=trust
  fi
  eval "initdb --username=\"\$user\" --pwfile=<(printf '%s\n' \"\$password\") ${POSTGRES_INITDB_ARGS-}"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$auth}" >>"$PGDATA/pg_hba.conf"
  PGUSER=$user pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  local psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user")
  [ "$database" = postgres ] ||
    "${psql[@]}" --dbname postgres --set db="$database" <<<'CREATE DATABASE :"db";'
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${psql[@]}" --dbname "$database" -f "$file" ;;
      *) [ ! -e "$file" ] || echo "ignoring $file" ;;
    esac
  done
  PGUSER=$user pg_ctl -D "$PGDATA" -m fast -w stop
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA" || :
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid postgres --regid postgres --clear-groups -- "$0" "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || make_cluster
fi
exec "$@"
