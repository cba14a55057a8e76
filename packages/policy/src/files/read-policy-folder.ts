import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileGeneration, type Generation, readPrivateFile } from "@symbiont/filestore";
import { compareCodePoints } from "@symbiont/kit";
import type { PolicySource } from "../decide/policy-holder.ts";
import type { LayeredSources } from "../layers/policy-layers.ts";

const EXTENSION = ".symbi";
/** Byte order mark included, a little more than the parser takes: it is the one to say that a file is too long. */
const MAX_BYTES = 257 * 1024;

/** Which state of a folder of policies one has seen; equal texts mean the same files with the same bytes. */
export function folderGeneration(folder: string): string {
  const lines: string[] = [];
  for (const name of layerNames(folder)) {
    for (const path of policyFiles(join(folder, name))) lines.push(`${path} ${show(fileGeneration(path))}`);
    lines.push(name);
  }
  return lines.join("\n");
}

/**
 * Reads every `.symbi` file of a folder as the shared layer, and of each folder in it as the layer of the entry
 * point of that name. One file that cannot be read spoils it all: without it a deny might be missing.
 * @throws FilestoreError, or what reading a folder throws.
 */
export async function readPolicyFolder(folder: string, mode: number): Promise<LayeredSources> {
  const layers = await Promise.all(
    layerNames(folder).map(async (name): Promise<[string, readonly PolicySource[]]> => {
      const paths = policyFiles(join(folder, name));
      const sources = paths.map(async (path) => {
        const { bytes } = await readPrivateFile(path, { maxBytes: MAX_BYTES, mode });
        return { file: path.slice(folder.length + 1).replaceAll("\\", "/"), source: bytes };
      });
      return [name, await Promise.all(sources)];
    }),
  );
  const [, shared = []] = layers[0] ?? [];
  return { shared, entryPoints: Object.fromEntries(layers.slice(1)) };
}

/** The folder itself, then the folders in it; hidden ones are left alone. */
function layerNames(folder: string): readonly string[] {
  const inner = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && !isPolicy(entry.name) && !entry.isFile())
    .map((entry) => entry.name);
  return ["", ...inner.sort(compareCodePoints)];
}

function policyFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => isPolicy(name) && !name.startsWith("."))
    .sort(compareCodePoints)
    .map((name) => join(folder, name));
}

/** In whatever case: a deny must not get lost over a capital letter. */
function isPolicy(name: string): boolean {
  return name.toLowerCase().endsWith(EXTENSION);
}

function show(generation: Generation | undefined): string {
  if (generation === undefined) return "gone";
  const { dev, ino, size, mtimeNs, ctimeNs } = generation;
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
