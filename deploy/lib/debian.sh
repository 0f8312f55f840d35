# Debian's releases, and where this machine's apt gets them from.

debian_name() { # RELEASE: 12 is bookworm
    case $1 in 12) echo bookworm ;; 13) echo trixie ;; *) return 1 ;; esac
}

debian_release() { # of this machine
    . /etc/os-release
    echo "${VERSION_ID-}"
}

debian_sources() { # NAME: apt's sources for that release, from the mirrors of this machine's own and no others
    compgen -G "/usr/share/keyrings/debian-archive-$1-stable.*" >/dev/null ||
        fail "the keys of Debian $1 are missing here; upgrade the package debian-archive-keyring"
    local sources
    sources() {
        apt-get indextargets 'Origin: Debian' 'Created-By: Packages' 'Component: main' \
            --format '$(REPO_URI) $(CODENAME)' |
            sed -nE "s/^(.*) [a-z]+(|-updates|-security)$/deb \1 $1\2 main/p" | sort -u
    }
    [ -n "$(sources "$1")" ] || as_root "apt-get" apt-get update -q >/dev/null
    sources=$(sources "$1")
    [ -n "$sources" ] || fail "apt has no source of Debian packages here"
    printf '%s\n' "$sources"
}
