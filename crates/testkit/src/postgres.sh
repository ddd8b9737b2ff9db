# Starts a throw-away PostgreSQL and stops it when standard input ends, which it does however its owner ends: by
# returning, by a panic, by Ctrl-C or by kill -9. Prints the socket's folder when the server answers.
# $1: on or off, for fsync. $2: certificate and key for a TCP port ($3) on this machine, or nothing.
set -eu
trap '' INT TERM HUP

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(readlink -f "$(command -v initdb)")") 2>/dev/null
if [ ! -x "$bin/initdb" ]; then
    echo "PostgreSQL's server programs (initdb, pg_ctl) are not installed: run \`cargo xtask test\`," \
        "or install the package postgresql" >&2
    exit 1
fi

# Not $TMPDIR: the socket's path must be short, and the user postgres must be able to get there.
dir=$(mktemp -d /tmp/seloste-pg.XXXXXX)
chmod 711 "$dir"
as_server() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    chown postgres "$dir"
    as_server() { runuser -u postgres -- "$@"; }
fi
cd "$dir"

finish() {
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || :
    rm -rf "$dir"
}
trap finish EXIT

as_server "$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync </dev/null >/dev/null
options="-c unix_socket_directories=$dir -c unix_socket_permissions=0777"
if [ -n "${2:-}" ]; then
    # PostgreSQL takes a key only from its own user's file.
    cp "$2" "$dir/tls.pem"
    chmod 600 "$dir/tls.pem"
    [ "$(id -u)" = 0 ] && chown postgres "$dir/tls.pem"
    options="$options -c listen_addresses=localhost -c port=$3"
    options="$options -c ssl=on -c ssl_cert_file=$dir/tls.pem -c ssl_key_file=$dir/tls.pem"
else
    options="$options -c listen_addresses=''"
fi
options="$options -c max_connections=200 -c fsync=$1 -c full_page_writes=$1 -c synchronous_commit=$1"
if ! as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "$options" start </dev/null >/dev/null; then
    cat "$dir/log" >&2
    exit 1
fi

echo "$dir"
exec >/dev/null 2>&1
cat
