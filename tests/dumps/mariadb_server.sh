# SPDX-License-Identifier: Apache-2.0
# To be read by a script that sets $work, a folder of its own: start_server starts a
# MariaDB in it ($work/s is its socket; no network) and sets `client`; stop_server ends
# it. has_server tells whether there is one to start.
PATH=$PATH:/usr/sbin:/sbin
server=

# Names what is missing.
has_server() {
    local program
    for program in mariadbd mariadb-install-db mariadb mariadb-dump; do
        if ! command -v "$program" >/dev/null; then
            echo "$program is not installed"
            return 1
        fi
    done
}

stop_server() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
}

start_server() {
    local user i
    user=$(id -un)
    chmod 755 "$work"
    mariadb-install-db --no-defaults --auth-root-authentication-method=normal \
        --datadir="$work/data" --user="$user" --skip-test-db >"$work/install.log" 2>&1 ||
        { cat "$work/install.log"; exit 1; }
    # +08:00: what the server writes as written and what it writes in UTC differ.
    mariadbd --no-defaults --skip-networking --socket="$work/s" --datadir="$work/data" \
        --user="$user" --default-time-zone=+08:00 --character-set-server=utf8mb4 \
        --secure-file-priv= --innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
        --pid-file="$work/pid" >"$work/server.log" 2>&1 &
    server=$!
    client=(mariadb --no-defaults --socket="$work/s" --user=root
        --default-character-set=utf8mb4)
    for ((i = 0; i < 300; i++)); do
        if "${client[@]}" -e 'SELECT 1' >/dev/null 2>&1; then break; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.1
    done
}
