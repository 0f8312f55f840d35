# What the scripts of deploy/ and Benchmarks/ have in common; each begins with
#
#     . "$(dirname "$0")/lib/script.sh"
#     options "$@"
#
# The comment at a script's head is its help. Its options are those that the help names.

script=$(basename "$(dirname "$(realpath "$0")")")/$(basename "$0")
here=$PWD
cd "$(dirname "$0")/.."

help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"; }

fail() { # WHY
    echo "$script: $*" >&2
    exit 1
}
misuse() { # WHY: the command line cannot be understood
    { echo "$script: $*"; help | grep "^ *$script" | sed '1s/^ */usage: /; 2,$s/^ */       /'
      echo "$script --help says more"; } >&2
    exit 2
}

options() { # ARGUMENT...: answers --help, and refuses options that the help does not name
    for argument; do
        case $argument in
            -h | --help) help; exit 0 ;;
            --) return 0 ;;
            --*) help | grep -Eq "(^|[^[:alnum:]-])${argument%%=*}([^[:alnum:]-]|\$)" && continue ;;
            -*) ;;
            *) continue ;;
        esac
        misuse "unknown option '$argument'"
    done
}
path() { # FILE: where the caller means it to be
    case $1 in /*) echo "$1" ;; *) echo "$here/$1" ;; esac
}
no_arguments() { # ARGUMENT...: refuses any
    [ $# -eq 0 ] || misuse "'$1' is not expected"
}

# As root; as another user, sudo does it.
as_root() { # WHY COMMAND...
    why=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo env "PATH=$PATH" "HOME=$HOME" "$@"
    else
        fail "$why needs root; run this as root, or install sudo"
    fi
}
