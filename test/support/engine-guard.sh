#!/bin/sh
# Runs one private Docker engine and leaves nothing of it behind.
# usage: engine-guard.sh DIR NAME NETWORK_PREFIX DOCKERD [ARGUMENT...]
#
# DATA_SIZE, when set in the environment, is the size of its disk, e.g. "256m": in memory, so not across a reboot.
# NAME is that of its control groups, NETWORK_PREFIX the start of all its addresses, e.g. "10.160.".
#
# Standard input is a pipe whose other end the owner holds. When it closes, because the owner asked for the end or
# because it died in any way at all, the first process of the engine's own PID namespace exits, and the kernel ends
# everything in there: dockerd, containerd, shims, containers, port proxies. Mounts go with the mount namespace.
set -u
dir=$1 name=$2 prefix=$3
shift 3

inside='
dir=$1; shift
# No system-wide containerd and no other engine may be met by accident.
for run in /run/docker /run/containerd; do mkdir -p "$run" && mount -t tmpfs tmpfs "$run"; done
# A small disk of its own for the data of the engine; it goes with the namespace as well.
[ -z "${DATA_SIZE:-}" ] || { mkdir -p "$dir/data" && mount -t tmpfs -o "size=$DATA_SIZE" tmpfs "$dir/data"; }
start() { rm -f "$dir/pid" "$dir/exit"; { "$@" </dev/null; echo $? >"$dir/exit"; } & }
start "$@"
while read -r word; do
  case $word in
    start) start "$@" ;;
    *) kill -s "$word" "$(cat "$dir/pid")" ;;
  esac
done
'
unshare --mount --pid --fork --mount-proc sh -c "$inside" inside "$dir" "$@"

# From here on nothing of the engine runs any more. `keep`: the owner starts it again on the same data.
[ -e "$dir/keep" ] && { rm -f "$dir/keep" "$dir/socket" "$dir/exit"; exit 0; }
ip -o -4 addr show | while read -r _ link _ address _; do
  case "$link $address" in "br-"*" $prefix"*) ip link del "$link" ;; esac
done
find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + 2>/dev/null
rm -rf "$dir"
rmdir "$(dirname "$dir")"
