/** Names that stand for a secret, folded. A run of whole words of a name must spell one of them. */
const SECRETS: ReadonlySet<string> = new Set(
  `password passwd passphrase passcode passkey pwd pswd userpass dbpass
  secret clientsecret secretkey secretid appsecret sharedsecret webhooksecret
  token accesstoken refreshtoken idtoken authtoken apitoken bearertoken sessiontoken csrftoken xsrftoken jwt
  bearer authorization proxyauthorization authheader basicauth credential cred authkey authcode authorizationcode
  apikey appkey accesskey accesskeysecret secretaccesskey privatekey encryptionkey decryptionkey signingkey masterkey
  rootkey sshkey hmackey sharedkey servicekey accountkey storagekey subscriptionkey sessionkey licensekey keymaterial
  cookie setcookie sessioncookie csrf xsrf otp totp mfacode otpcode pincode cvv cvc cvc2 securitycode
  mnemonic seedphrase recoveryphrase recoverycode backupcode secretphrase seedwords
  signature hmac connectionstring connstring connstr dsn databaseurl dburl redisurl amqpurl postgresurl mongodburi
  mongourl mongouri sastoken codeverifier clientassertion`.split(/\s+/),
);

/** Names of what identifies a person or an account, folded. */
const PERSONAL: ReadonlySet<string> = new Set(
  `ssn socialsecurity socialsecuritynumber iban accountnumber cardnumber creditcard creditcardnumber
  routingnumber`.split(/\s+/),
);

/** Words that stand for a secret only at the end of a name: `card_pin`, but not `pin_message`. */
const LAST_WORD: ReadonlySet<string> = new Set(["pin", "auth", "pass"]);

/** Unmistakable even when written without a break, as in `dbpassword`. */
const ENDINGS =
  /(?:password|passwd|passphrase|apikey|secretkey|privatekey|accesstoken|authtoken|clientsecret)s?$/;

/** Words after a secret's name that make it a fact about the secret: `token_type`, `password_policy`. */
const ABOUT: ReadonlySet<string> = new Set(
  `count counts type types limit limits name names length size policy policies usage budget ttl expiry expires expiration
  endpoint url uri index algorithm version required enabled strength format manager`.split(/\s+/),
);

/** Words before a secret's name that make it a number or a yes: `max_token`, `has_password`. */
const AMOUNT: ReadonlySet<string> = new Set(["max", "min", "num", "total", "has", "is", "requires"]);

const ABOUT_TIME = /^(?:at|in|on|until|after|seconds|ms)$/;
const LONGEST_RUN = 4;
const MAX_WORDS = 64;

/** What a name says about its value. */
export type NameKind = "secret" | "personal" | "plain";

/**
 * Tells whether a name stands for a secret or for a person's numbers by itself. The name is split into words
 * (`apiKey`, `api_key` and `API-KEY` are the same two words), and whole words are compared: `max_tokens`,
 * `author` and `mapping` stay readable.
 */
export function isSensitiveName(name: string): boolean {
  return classifyName(name) !== "plain";
}

/** Tells what a name stands for. */
export function classifyName(name: string): NameKind {
  const words = splitName(name);
  if (words.length > MAX_WORDS) return "secret"; // nobody's honest name, and too long to look at closely
  let kind: NameKind = "plain";
  for (let start = 0; start < words.length; start += 1) {
    let run = "";
    for (let end = start; end < words.length && end < start + LONGEST_RUN; end += 1) {
      run += words[end];
      if (PERSONAL.has(run)) kind = "personal";
      if (isSecret(run, start === end, end === words.length - 1) && !isAbout(words, start, end))
        return "secret";
    }
  }
  return kind;
}

function isSecret(run: string, single: boolean, last: boolean): boolean {
  if (SECRETS.has(run) || (last && LAST_WORD.has(run)) || (single && ENDINGS.test(run))) return true;
  // The plural of a secret is secrets, but tokens are what models count.
  return run.endsWith("s") && run !== "tokens" && SECRETS.has(run.slice(0, -1));
}

function isAbout(words: readonly string[], start: number, end: number): boolean {
  if (start > 0 && AMOUNT.has(words[0] as string)) return true;
  let last = words.length - 1;
  while (last > end && ABOUT_TIME.test(words[last] as string)) last -= 1;
  return last > end && ABOUT.has(words[last] as string);
}

const NOT_ASCII = /[^\u0000-\u007f]/;
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\u0000-\u007f]+/g;

function splitName(name: string): string[] {
  return (normalizeName(name).match(WORD) ?? []).map((word) => word.toLowerCase());
}

/**
 * Folds a name for comparison: case, `_`, `-`, `.` and white space do not count, nor do compatibility forms
 * and invisible characters.
 */
export function foldName(name: string): string {
  return normalizeName(name)
    .toLowerCase()
    .replace(/[_\-.\s]+/g, "");
}

/** Full-width letters become plain ones; zero-width and other format characters vanish. */
function normalizeName(name: string): string {
  return NOT_ASCII.test(name) ? name.normalize("NFKC").replace(/\p{Cf}/gu, "") : name;
}
