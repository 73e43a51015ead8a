# The image of PostgreSQL runs it at last when it makes a database: what database.sh has marked as under way is whole.
rm "${PGDATA%/*}/making"
