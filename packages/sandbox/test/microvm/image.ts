import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What `make-image.sh` has made. */
const FOLDER = fileURLToPath(new URL("../../node_modules/.cache/microvm/", import.meta.url));

/** Kernel and image for machines that tests start; nothing where they have not been made. */
export function microvmImage(): { readonly kernelPath: string; readonly initrdPath: string } | undefined {
  const image = { kernelPath: join(FOLDER, "vmlinux"), initrdPath: join(FOLDER, "initrd") };
  return existsSync(image.initrdPath) ? image : undefined;
}
