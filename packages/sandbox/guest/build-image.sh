#!/bin/sh
# Makes what a microVM boots: $1/vmlinux, a kernel that needs no unpacking, and $1/initrd, all of a guest's files.
# $1 folder for them, $2 Debian's package of a kernel (default: fetched by apt), $3 folder with the guest's programs
# (default: busybox alone)
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
root=$work/root

package=$2
if [ -z "$package" ]; then
  name=$(apt-cache depends "linux-image-cloud-$(dpkg --print-architecture)" | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
  (cd "$work" && apt-get download -qq "$name" >/dev/null 2>&1)
  package=$(echo "$work"/linux-image-*.deb)
fi
dpkg-deb -x "$package" "$work/kernel"

# The kernel within its unpacker: where it is, the header says.
# https://docs.kernel.org/arch/x86/boot.html
image=$(echo "$work"/kernel/boot/vmlinuz-*)
number() { od -An -t "$1" -j "$2" -N "${1#u}" "$image" | tr -d ' '; }
begin=$((($(number u1 497) + 1) * 512 + $(number u4 584)))
tail -c "+$((begin + 1))" "$image" | head -c "$(number u4 588)" >"$work/packed"
case $(od -An -t x1 -N 4 "$work/packed" | tr -d ' ') in
  02214c18) unpack="lz4 -dcq" ;;
  28b52ffd) unpack="zstd -dcq" ;;
  fd377a58) unpack="xz -dcq --single-stream" ;;
  1f8b*) unpack="gzip -dcq" ;;
  *) echo "the kernel is packed in an unknown way" >&2; exit 1 ;;
esac
# What follows the packed kernel is its length, which unpackers warn of.
$unpack <"$work/packed" >"$out/vmlinux" 2>/dev/null || [ -s "$out/vmlinux" ]

mkdir -p "$root"
if [ -n "$3" ]; then
  cp -a "$3/." "$root"
else
  mkdir -p "$root/bin"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
fi
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/etc" "$root/tmp" "$root/workspace" "$root/modules"
echo 'sandbox:x:65532:65532::/workspace:/bin/sh' >"$root/etc/passwd"
echo 'sandbox:x:65532:' >"$root/etc/group"
rm -f "$root/init"
"$here/build-agent.sh" "$root/init"
strip "$root/init" 2>/dev/null || true

# Modules, each after those that it needs.
add() {
  [ ! -e "$root/modules/$1.ko" ] || return 0
  file=$(find "$work/kernel/lib/modules" "$work/kernel/usr/lib/modules" -name "$1.ko*" 2>/dev/null | head -1)
  [ -n "$file" ] || return 0 # it is part of the kernel
  case $file in
    *.xz) xz -dc "$file" ;;
    *.zst) zstd -dcq "$file" ;;
    *) cat "$file" ;;
  esac >"$root/modules/$1.ko"
  for needed in $(tr '\0' '\n' <"$root/modules/$1.ko" | sed -n 's/^depends=//p' | tr ',' ' '); do add "$needed"; done
  echo "$1.ko" >>"$root/modules/list"
}
for module in virtio_pci virtio_mmio virtio_console vmw_vsock_virtio_transport; do add "$module"; done

chown -R 0:0 "$root" 2>/dev/null || true
chmod -R go-w,a+rX "$root"
(cd "$root" && find . | LC_ALL=C sort | busybox cpio -o -H newc >"$out/initrd.new" 2>/dev/null)
mv "$out/initrd.new" "$out/initrd"
chmod 644 "$out/vmlinux" "$out/initrd"
