#!/bin/sh
# A Docker engine of the tests' own: own folder, own socket, no network. It ends, and everything it has made is gone, when
# the process that the tests belong to has ended.
# $1 that process, $2 the folder
cd "$2" || exit 1
unset DOCKER_HOST
cat > daemon.json <<JSON
{ "runtimes": {
  "runsc": { "path": "/usr/bin/runsc", "runtimeArgs": ["--network=none"] },
  "runsc-network": { "path": "/usr/bin/runsc", "runtimeArgs": ["--network=none", "--host-uds=open"] } } }
JSON
[ -x /usr/bin/runsc ] || echo '{}' > daemon.json
dockerd --config-file "$2/daemon.json" --data-root "$2/data" --exec-root "$2/exec" --pidfile "$2/pid" \
  --host "unix://$2/engine.sock" --bridge none --iptables=false --ip6tables=false --ip-masq=false >"$2/log" 2>&1 &
engine=$!
while kill -0 "$1" 2>/dev/null && kill -0 "$engine" 2>/dev/null; do sleep 0.5; done
kill "$engine" 2>/dev/null
wait "$engine"
# What a killed engine would leave: mounts first, then the files below.
grep -o " $2/[^ ]*" /proc/mounts | sort -r | while read -r mounted; do umount -l "$mounted"; done
cd / && rm -rf "$2"
