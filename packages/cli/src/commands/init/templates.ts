import type { JsonObject } from "@symbiont/kit";

/** A first set of rules: reading below one folder is allowed, nothing else, and deleting wants a person. */
export const POLICY = `policy agent {
  allow: read_file(file) if args.path.starts_with("/srv/data/")
  deny: read_file(file) if args.path.contains("..")
  allow: delete_file(file) if args.path.starts_with("/srv/data/")
  require: approval("operator") if resource.id.ends_with("/delete_file")
}
`;

const request = (tool: string, path: string): JsonObject => ({
  action: tool,
  resource: { kind: "tool", id: `files/${tool}` },
  context: { args: { path } },
});

/** What these rules must say. */
export const CASES: JsonObject = {
  cases: [
    {
      name: "a data file may be read",
      request: request("read_file", "/srv/data/a.txt"),
      expect: { effect: "allow" },
    },
    {
      name: "a file elsewhere may not",
      request: request("read_file", "/etc/passwd"),
      expect: { effect: "deny", code: "default" },
    },
    {
      name: "nor by a path that climbs out",
      request: request("read_file", "/srv/data/../../etc/passwd"),
      expect: { effect: "deny", code: "deny.rule" },
    },
    {
      name: "deleting wants a person",
      request: request("delete_file", "/srv/data/a.txt"),
      expect: { effect: "ask", role: "operator" },
    },
    { name: "what no rule names is denied", request: request("send_mail", "x"), expect: { effect: "deny" } },
  ],
};
