// Parts that several rules are made of. Repetitions are bounded, see `ScanRule`.

/** Programs that fetch from the network. */
export const FETCHER: string =
  "(?<![\\w.-])(?:(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod|aria2c|lwp-download|lynx)(?:\\.exe)?\\b(?![.:-]\\w)|fetch(?=\\s{1,3}-\\w)|(?:https?|xhs?)(?=\\s{1,3}(?:-\\S{1,20}\\s{1,3}){0,3}(?:get\\s{1,3})?(?:https?://|[\\w-]{1,40}\\.[\\w.-]{2,60}/)))";
export const FETCHERS: readonly string[] = [
  "curl",
  "wget",
  "iwr",
  "irm",
  "invoke-webrequest",
  "invoke-restmethod",
  "aria2c",
  "lwp-download",
  "lynx",
  "fetch -",
  "http ",
  "https ",
  "xh ",
  "xhs ",
];

/** What may stand before the name of a program. */
const PREFIX =
  "(?:(?:sudo|env|exec|nohup|command|doas|busybox|xargs|setsid|nice)\\s{1,4}(?:-{1,2}[\\w={}-]{1,20}\\s{1,4}){0,3}(?:\\w{1,20}=\\S{0,40}\\s{1,4}){0,2}){0,3}(?:[\\w./-]{0,40}/)?";
const SHELL = "(?:ba|z|k|c|tc|da|a|fi)?sh";
const LANGUAGE =
  "(?:python[\\d.]{0,4}|node|deno|bun|perl|ruby|php|pwsh|powershell|osascript|lua|tclsh|groovy)";
/** A program that runs what it is given on its input. Others, given a program or a module of their own, only read it. */
export const PIPED_INTERPRETER: string = `\\|&?\\s{0,9}(?:[({]\\s{0,3}){0,2}${PREFIX}(?:\\$\\{?SHELL\\b|(?:source|\\.)\\s{1,3}/dev/(?:stdin|fd/0)\\b|[gm]?awk\\b[^|\\n]{0,40}\\bsystem\\(|${SHELL}\\b(?![\\w.=]|-\\w)|(?:iex|invoke-expression)\\b|${LANGUAGE}\\b(?=\\s{0,3}(?:-?\\s{0,3}(?:$|[|;&)"'\`<>\\]])|-\\s|run\\s{1,3}-|#)))`;
/** A shell, or something that reads shell. */
export const SHELL_READER: string = `(?<![\\w.-])(?:${SHELL}|eval|source|exec|${LANGUAGE}|\\.)(?=[\\s"'\`<])`;

/** Hosts that nobody publishes software on. */
export const ODD_HOST: string =
  "https?://(?:\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[[0-9a-f:]{2,40}\\]|0x[0-9a-f]{8}|\\d{8,10}(?=[/:]))(?<!127\\.0\\.0\\.1)|http://(?!localhost|127\\.|0\\.0\\.0\\.0|\\[::1\\]|\\w{1,30}[:/])|(?:bit\\.ly|tinyurl\\.com|is\\.gd|cutt\\.ly|rebrand\\.ly|t\\.ly|rb\\.gy|goo\\.su)/|(?:pastebin\\.com|paste\\.ee|glot\\.io|rentry\\.(?:co|org)|hastebin\\.com|termbin\\.com|ix\\.io|0x0\\.st|transfer\\.sh|file\\.io|gofile\\.io|anonfiles\\.com|catbox\\.moe)|(?:ngrok(?:-free)?\\.(?:io|app|dev)|trycloudflare\\.com|loca\\.lt|serveo\\.net|localhost\\.run)";

/** Hosts of installers that many people know. */
export const KNOWN_INSTALLER: string =
  "(?:sh\\.rustup\\.rs|rustup\\.rs|get\\.docker\\.com|raw\\.githubusercontent\\.com/(?:homebrew|nvm-sh|oh-?my-?zsh|ohmyzsh|pyenv|asdf-vm|helm|k3d-io|golangci|trufflesecurity|anchore|aquasecurity|foundry-rs|nektos|junegunn)/|deno\\.land|bun\\.sh|astral\\.sh|install\\.python-poetry\\.org|pdm-project\\.org|fly\\.io|get\\.pnpm\\.io|pnpm\\.io|ollama\\.(?:com|ai)|starship\\.rs|mise\\.(?:run|jdx\\.dev)|nixos\\.org|determinate\\.systems|foundry\\.paradigm\\.xyz|claude\\.ai|opencode\\.ai|cli\\.anthropic\\.com|get\\.helm\\.sh|get\\.k3s\\.io|tailscale\\.com|volta\\.sh|fnm\\.vercel\\.app|get\\.sdkman\\.io|bootstrap\\.pypa\\.io|deb\\.nodesource\\.com|rpm\\.nodesource\\.com|install\\.meteor\\.com|sdk\\.cloud\\.google\\.com|aka\\.ms|get\\.volta\\.sh|just\\.systems|moonrepo\\.dev|get\\.pulumi\\.com|cursor\\.com|railway\\.(?:app|com)|supabase\\.com|get\\.scoop\\.sh|chocolatey\\.org|community\\.chocolatey\\.org|release\\.solana\\.com|release\\.anza\\.xyz|soliditylang\\.org|setup\\.atuin\\.sh|leanprover\\.github\\.io|elan\\.lean-lang\\.org|gh\\.io|devenv\\.sh|install\\.duckdb\\.org|clickhouse\\.com)";

/** Where users keep their things. */
export const HOME: string =
  "(?:~|\\$\\{?HOME\\}?|/home/[\\w.*$-]{1,32}|/Users/[\\w.*$-]{1,32}|/root|%USERPROFILE%|\\$env:(?:USERPROFILE|HOME|APPDATA)|homedir\\(\\)|Path\\.home\\(\\)|expanduser\\([\"']~)";

/** Files that hold credentials, below the home folder. */
const CREDENTIAL_FILE =
  "(?:\\.ssh\\b(?!/(?:config|known_hosts)\\b)|\\.aws(?:/credentials|/sso|/cli|(?=[\\s\"'`)]|$))|\\.config/gcloud|\\.azure\\b|\\.kube(?:/config|(?=[\\s\"'`)]|$))|\\.docker/config\\.json|\\.npmrc|\\.netrc|\\.pypirc|\\.gnupg|\\.git-credentials|\\.config/(?:gh/hosts|hub|solana|op\\b)|\\.(?:ethereum|bitcoin|electrum|solana|exodus|metamask)\\b|Library/(?:Keychains|Cookies)|\\.local/share/keyrings|\\.password-store|\\.vault-token|\\.cargo/credentials|\\.gem/credentials|\\.pgpass|\\.my\\.cnf|\\.mozilla/firefox|\\.config/(?:google-chrome|chromium)|\\.(?:bash|zsh)_history|\\.terraform\\.d/credentials)";
/** A credential file of the user. */
export const CREDENTIAL_PATH: string = `${HOME}["']?[\\s,)\\\\/"']{1,4}${CREDENTIAL_FILE}(?!\\S{0,30}\\.pub\\b)`;
export const CREDENTIAL_ANCHORS: readonly string[] = [
  ".ssh",
  ".aws",
  "gcloud",
  ".azure",
  ".kube",
  ".docker/config",
  ".npmrc",
  ".netrc",
  ".pypirc",
  ".gnupg",
  ".git-credentials",
  ".config/gh",
  ".config/hub",
  ".config/solana",
  ".config/op",
  ".ethereum",
  ".bitcoin",
  ".electrum",
  ".solana",
  ".exodus",
  ".metamask",
  "keychains",
  "library/cookies",
  "keyrings",
  ".password-store",
  ".vault-token",
  "/credentials",
  ".pgpass",
  ".my.cnf",
  ".mozilla/firefox",
  "google-chrome",
  "chromium",
  "_history",
];

/** What sends something away. */
export const SINK: string =
  "(?<![\\w.-])(?:curl|wget|nc|ncat|netcat|scp|rsync|ftp|sftp|telnet|iwr|irm|invoke-webrequest|invoke-restmethod|socat)(?:\\.exe)?\\s|requests\\.(?:post|put)|httpx\\.(?:post|put)|axios\\.(?:post|put)|(?<![\\w.])fetch\\(|/dev/(?:tcp|udp)/";
