export const number = new Intl.NumberFormat("en-US");
export const byId = (id) => document.getElementById(id);

/** An element with text in it. */
export function el(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function svg(name, properties, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** As text that shows where something invisible stands, so that a record cannot look like another one. */
export function visible(value) {
  return value.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu,
    (one) => `\\u{${one.codePointAt(0).toString(16)}}`,
  );
}

export function clock(ms) {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 23);
}

/** The same, in parts of which a narrow screen leaves out two. */
export function timeParts(ms) {
  const time = clock(ms);
  return [
    el("span", { class: "wide" }, time.slice(0, 5)),
    time.slice(5, 19),
    el("span", { class: "wide" }, time.slice(19)),
  ];
}
