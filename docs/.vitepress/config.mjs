// The site: the guides of this folder, the READMEs, and the reference. build.mjs puts their pages together.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { packages } from "../../scripts/workspace.mjs";
import { keepLinksWithin } from "./keep-links-within.mjs";

const root = new URL("../../", import.meta.url);
const examples = readdirSync(new URL("examples/", root)).filter((name) =>
  existsSync(new URL(`examples/${name}/README.md`, root)),
);

export default defineConfig({
  title: "Symbiont for TypeScript",
  description: "The security layer of an AI agent, as small npm libraries",
  srcDir: fileURLToPath(new URL("pages", import.meta.url)),
  outDir: fileURLToPath(new URL("dist", import.meta.url)),
  cacheDir: fileURLToPath(new URL("cache", import.meta.url)),
  cleanUrls: true,
  markdown: { config: keepLinksWithin },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guides", link: "/docs/threat-model" },
      { text: "Reference", link: "/reference/" },
      { text: "Security", link: "/SECURITY" },
    ],
    sidebar: [
      {
        text: "Guides",
        items: [
          { text: "Start", link: "/" },
          { text: "Going to production", link: "/docs/production" },
          { text: "Threat model", link: "/docs/threat-model" },
          { text: "Choosing a tier", link: "/docs/choosing-a-tier" },
          { text: "Extending", link: "/docs/extending" },
          { text: "Testing", link: "/docs/testing" },
          { text: "Coming from Symbiont", link: "/docs/from-symbiont" },
        ],
      },
      { text: "Packages", items: packages().map(({ name }) => ({ text: name, link: `/packages/${name}/` })) },
      {
        text: "Reference",
        collapsed: true,
        items: packages().map(({ name, manifest }) => ({ text: name, link: `/reference/${manifest.name}` })),
      },
      {
        text: "Examples",
        collapsed: true,
        items: examples.map((name) => ({ text: name, link: `/examples/${name}/` })),
      },
      {
        text: "The project",
        collapsed: true,
        items: [
          { text: "Architecture", link: "/ARCHITECTURE" },
          { text: "Security", link: "/SECURITY" },
          { text: "Contributing", link: "/CONTRIBUTING" },
          { text: "Dependencies", link: "/docs/dependencies" },
        ],
      },
    ],
  },
});
