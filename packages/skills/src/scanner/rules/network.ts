import { everywhere, type PlaceConfidence, type ScanRule } from "../scan-rule.ts";
import { ODD_HOST } from "./vocabulary.ts";

const USED: PlaceConfidence = everywhere("medium");
const KNOWN_CODE_HOST =
  "(?:git\\+)?(?:https?|ssh)://(?:git@)?(?:[\\w-]{1,40}\\.){0,2}(?:github\\.com|gitlab\\.com|bitbucket\\.org|codeberg\\.org|pypi\\.org|pythonhosted\\.org|pytorch\\.org|npmjs\\.(?:com|org)|huggingface\\.co|esm\\.sh|jsr\\.io|nvidia\\.com|googleapis\\.com)";

/** Places on the network that a skill has no business with. */
export const networkRules: readonly ScanRule[] = [
  {
    id: "net.metadata",
    severity: "high",
    confidence: USED,
    why: "the cloud's own address is asked, which hands out credentials",
    anchors: [
      "169.254.169.254",
      "metadata.google.internal",
      "100.100.100.200",
      "169.254.170.2",
      "fd00:ec2::254",
    ],
    steps: [
      "169\\.254\\.169\\.254|169\\.254\\.170\\.2\\b|metadata\\.google\\.internal|100\\.100\\.100\\.200|fd00:ec2::254",
    ],
  },
  {
    id: "net.package-from-url",
    severity: "high",
    confidence: USED,
    why: "a package is installed from an address instead of a registry",
    anchors: ["npx", "bunx", "dlx", "pip", "npm", "pnpm", "yarn", "gem ", "uvx", "cargo"],
    steps: [
      "(?<![\\w.-])(?:npx|bunx|uvx|(?:pnpm|yarn)\\s{1,3}dlx|npm\\s{1,3}(?:i|install|add|exec)|(?:pnpm|yarn|bun)\\s{1,3}(?:add|install|global\\s{1,3}add)|(?:python[\\d.]{0,4}\\s{1,3}-m\\s{1,3}|uv\\s{1,3})?pip[\\d.]{0,4}\\s{1,3}install|pipx\\s{1,3}(?:run|install)|cargo\\s{1,3}install)\\b",
      "\\s[\"']?(?:--from\\s{1,3})?(?:git\\+|https?://)|\\s--git\\s{1,3}https?://|@\\s{0,2}(?:git\\+|https?://)",
    ],
    demote: KNOWN_CODE_HOST,
    raise: ODD_HOST,
    within: 160,
  },
  {
    id: "net.registry",
    severity: "high",
    confidence: USED,
    why: "packages would come from somebody else's registry",
    anchors: ["registry", "index-url"],
    steps: [
      "(?:npm|pnpm|yarn)\\s{1,3}config\\s{1,3}set\\s{1,3}[\"']?(?:@[\\w-]{1,40}:)?registry[\\s=]{1,3}[\"']?https?://(?!registry\\.(?:npmjs|yarnpkg)\\.|npm\\.pkg\\.github|localhost)|--(?:extra-)?index-url[\\s=]{1,3}[\"']?http://(?!localhost|127\\.)|pip[\\d.]{0,4}\\s{1,3}config\\s{1,3}set\\s{1,3}global\\.(?:extra-)?index-url\\s{1,3}[\"']?http://",
    ],
  },
  {
    id: "net.tunnel",
    severity: "high",
    confidence: USED,
    why: "a host that catches what is sent to it, or leads to somebody's own machine",
    anchors: [
      "ngrok",
      "trycloudflare.com",
      "loca.lt",
      "serveo.net",
      "localhost.run",
      "webhook.site",
      "requestbin",
      "pipedream.net",
      "oast.",
      "burpcollaborator",
      "interact.sh",
      "requestcatcher",
      "beeceptor",
      "canarytokens",
    ],
    steps: [
      "(?<![\\w.-])[\\w-]{1,63}(?:\\.[\\w-]{1,63}){0,3}?\\.(?:ngrok(?:-free)?\\.(?:io|app|dev)|trycloudflare\\.com|loca\\.lt|serveo\\.net|localhost\\.run|pipedream\\.net|oast\\.\\w{2,6}|burpcollaborator\\.net|interact\\.sh|requestcatcher\\.com|beeceptor\\.com|requestbin\\.\\w{2,4})\\b|https?://webhook\\.site/\\w|canarytokens\\.com/\\w",
    ],
  },
  {
    id: "net.chat-webhook",
    severity: "high",
    confidence: { code: "medium", fence: "low", prose: "low" },
    why: "a fixed chat receives what is sent to it",
    anchors: ["/api/webhooks/", "api.telegram.org/bot"],
    steps: ["discord(?:app)?\\.com/api/webhooks/\\d{6}|api\\.telegram\\.org/bot\\d{6}"],
  },
];
