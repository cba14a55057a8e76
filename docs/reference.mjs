// A page for each public entry, from its types and docstrings.
import { join } from "node:path";
import { Application, Converter, ReflectionKind } from "typedoc";
import { packages } from "../scripts/workspace.mjs";

/** What there is in dozens and alike: the README of the package lists them. */
const ALIKE = /\/presets\//;
const here = import.meta.dirname;

/**
 * Writes the pages.
 *
 * @param out the folder, which is emptied first. A page lies there as `@symbiont/core/guard.md`.
 * @throws Error when an entry has no page, or what its comments say is not true of the code.
 */
export async function writeReference(out) {
  const entries = packages()
    .flatMap(({ name, path, entries }) => entries.map((entry) => ({ name, path, ...entry })))
    .filter(({ specifier }) => !ALIKE.test(specifier));
  const specifiers = new Map(entries.map((entry) => [moduleOf(entry), entry.specifier]));

  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    tsconfig: join(here, "tsconfig.json"),
    entryPoints: entries.map(({ path, source }) => join(path, source)),
    outputs: [{ name: "markdown", path: out }],
    name: "Reference",
    readme: "none",
    entryFileName: "index",
    router: "module",
    disableSources: true,
    excludePrivate: true,
    // The build checks the types, with another compiler.
    skipErrorChecking: true,
    // A parameter that is an object has its members described where its type is.
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    treatWarningsAsErrors: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    sanitizeComments: true,
    useHTMLEncodedBrackets: true,
    logLevel: "Warn",
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const specifier = specifiers.get(module.name);
      if (specifier === undefined) throw new Error(`no entry is ${module.name}`);
      module.name = specifier;
    }
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the reference could not be read");
  await app.generateOutputs(project);
  if (app.logger.hasWarnings() || app.logger.hasErrors()) throw new Error("the reference has warnings");
}

/** How the reader of the sources calls an entry: its file, without what all have. */
function moduleOf({ name, source }) {
  return `${name}/${source.replace(/^\.\//, "").replace(/(?:\/index)?\.ts$/, "")}`;
}
