const MIN_LENGTH = 20;
const MIN_DISTINCT = 8;
const WORDS = [
  "testtoken123",
  "password123",
  "password",
  "changeme",
  "12345678",
  "default",
  "letmein",
  "api_key",
  "qwerty",
  "secret",
  "abc123",
  "token",
  "admin",
  "root",
  "test",
  "dev",
];

/** Tells whether a secret that was not generated here is too easy to guess: short, repetitive or made of words. */
export function isWeakSecret(secret: string): boolean {
  if (secret.length < MIN_LENGTH) return true;
  let rest = secret.toLowerCase();
  for (const word of WORDS) rest = rest.replaceAll(word, "");
  return new Set(rest).size < MIN_DISTINCT;
}
