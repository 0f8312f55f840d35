# Where PostgreSQL's programs are: Debian keeps them out of PATH, in a directory for each major release.

postgresql_programs() { # prints the directory of the newest release's, if one is installed
    local directory
    while read -r directory; do
        [ ! -x "$directory/initdb" ] || { echo "$directory" && return; }
    done < <(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV)
}
