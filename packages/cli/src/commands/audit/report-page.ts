/** What a report is made of. */
export interface ReportPage {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  /** Anything that JSON can hold. Texts in it are anybody's. */
  readonly data: object;
  /** SHA-256 as base64. */
  readonly hash: (text: string) => string;
}

/**
 * Builds one page that needs nothing else. Its policy lets in this one script and this one style, by their hash, and no
 * request at all; the script may write no markup (`require-trusted-types-for`), so data stays text.
 */
export function buildPage({ title, style, script, data, hash }: ReportPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash(script)}'`,
    `style-src 'sha256-${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#records">Skip to the records</a>
<header class="top"><div><h1>${escapeText(title)}</h1><p id="origin" class="quiet"></p></div></header>
<main id="main">
<section id="status" aria-label="Chain and checkpoints"></section>
<section id="cards" aria-label="Totals"></section>
<section class="panel" aria-labelledby="timeline-title">
<div class="panel-head"><h2 id="timeline-title">Timeline</h2><p id="timeline-hint" class="quiet"></p></div>
<div id="timeline"></div>
</section>
<div class="tables">
<section class="panel" aria-labelledby="rules-title"><h2 id="rules-title">Denials by reason</h2><div id="rules"></div></section>
<section class="panel" aria-labelledby="agents-title"><h2 id="agents-title">Agents</h2><div id="agents"></div></section>
<section class="panel" aria-labelledby="tools-title"><h2 id="tools-title">Tools</h2><div id="tools"></div></section>
</div>
<section class="panel" id="records" tabindex="-1" aria-labelledby="records-title">
<div class="panel-head"><h2 id="records-title">Records</h2><p id="count" class="quiet" role="status" aria-live="polite"></p></div>
<form id="filters" role="search" aria-label="Filter the records"></form>
<div id="list"></div>
</section>
</main>
<noscript>This report needs JavaScript. It makes no request of any kind.</noscript>
<script type="application/json" id="data">${embedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that cannot end the element it stands in, nor begin a comment. */
export function embedJson(data: object): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
