#!/bin/sh
# A root for guests made of what is on this machine: busybox, and Python with the libraries that it is linked with.
set -e
root=$1
python=$(readlink -f /usr/bin/python3)
version=$(basename "$python")
busybox=$(command -v busybox)
mkdir -p "$root/bin" "$root/usr/bin" "$root/usr/lib" "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/workspace"
mkdir -m 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for name in $("$busybox" --list); do
  [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
done
cp "$python" "$root/usr/bin/python3"
cp -a "/usr/lib/$version" "$root/usr/lib/$version"
rm -rf "$root/usr/lib/$version/test" "$root/usr/lib/$version/__pycache__"
for file in "$python" "$root/usr/lib/$version"/lib-dynload/*.so; do ldd "$file"; done | grep -o '/[^ ]*' | sort -u |
  while read -r library; do
    [ ! -e "$library" ] || install -D "$library" "$root$library"
  done
echo 'sandbox:x:65532:65532::/workspace:/bin/sh' >"$root/etc/passwd"
