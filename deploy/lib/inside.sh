# Runs a command in a root directory, as if that were the machine: inside.sh ROOT TOOLCHAIN MIRRORS COMMAND...
# MIRRORS are directories, a line each. In namespaces for mounts and processes, which unshare made: deploy/test-debian.
set -euo pipefail
root=$1 toolchain=$2 mirrors=$3
shift 3

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
for directory in "$toolchain" $mirrors; do
    mkdir -p "$root$directory"
    mount --bind "$directory" "$root$directory"
    mount -o remount,bind,ro "$root$directory"
done
# Not chroot(2): systemd-nspawn, which the tests start, changes the root in its turn.
mkdir -p "$root/.host"
cd "$root"
pivot_root . .host
exec chroot . env -i HOME=/root TERM="${TERM-dumb}" LC_ALL=C.UTF-8 \
    ${http_proxy+"http_proxy=$http_proxy"} ${https_proxy+"https_proxy=$https_proxy"} ${no_proxy+"no_proxy=$no_proxy"} \
    PATH="$toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    bash -c 'umount -l /.host && rmdir /.host && cd /root/lever-milter && "$@"' - "$@"
