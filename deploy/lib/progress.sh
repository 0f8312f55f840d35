# Long commands that show how far they are, in place of their output.

progress() { # WHAT LOG COMMAND...: if it fails, prints the errors or the end of its output, which is in LOG
    local what=$1 log=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" 2>&1 | perl deploy/lib/progress.pl "$what" "$log" && return
    { grep -a -A 5 -E '(^|: )(error|E): |^E: ' "$log" || tail -n 30 "$log"; } | head -n 60 >&2
    echo "$script: $what failed; all of its output is in $log" >&2
    return 1
}
