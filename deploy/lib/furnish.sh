# Puts into a root directory, WORK/root, what deploy/test-debian runs there: the checkout, and this machine's ways to the
# network: furnish.sh WORK
set -euo pipefail
work=$1 root=$1/root

mv "$work/checkout" "$root/root/lever-milter"
chown -R root:root "$root/root/lever-milter"
while read -r key value; do git config --file "$root/etc/gitconfig" --add "$key" "$value"; done <"$work/git"
for file in resolv.conf hosts; do cp "/etc/$file" "$root/etc/$file"; done
apt-config dump | grep -E '^Acquire::(https?::.*Proxy|Check-|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
