/**
 * A markdown-it plugin: links go on as they do in the repository. A README is the index of its folder here, and what has
 * no page, such as a source file, is named without a link.
 */
export function keepLinksWithin(markdown) {
  const open = markdown.renderer.rules.link_open;
  const close =
    markdown.renderer.rules.link_close ??
    ((tokens, index, options, _, self) => self.renderToken(tokens, index, options));
  markdown.renderer.rules.link_open = (tokens, index, ...rest) => {
    const token = tokens[index];
    const href = token.attrGet("href") ?? "";
    if (isPage(href)) {
      token.attrSet("href", href.replace(/(^|\/)README\.md(?=$|#)/, "$1index.md"));
      return open(tokens, index, ...rest);
    }
    tokens
      .slice(index)
      .find(({ type, level }) => type === "link_close" && level === token.level).hidden = true;
    return "";
  };
  markdown.renderer.rules.link_close = (tokens, index, ...rest) =>
    tokens[index].hidden ? "" : close(tokens, index, ...rest);
}

function isPage(href) {
  return /^(?:[a-z]+:|#|\/)/.test(href) || /\.md(?:#.*)?$/.test(href);
}
