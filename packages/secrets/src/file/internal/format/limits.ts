/** Largest file that is read or written. */
export const MAX_FILE_BYTES: number = 16 << 20;

/** Most secrets in a store. */
export const MAX_ENTRIES = 10_000;

/** Largest value of a secret. */
export const MAX_VALUE_BYTES: number = 1 << 20;

/** Most key slots in a store. */
export const MAX_SLOTS = 16;

/** Most runs of Argon2id for one opening, whatever the header holds. */
export const MAX_DERIVATIONS = 4;

/** The payload is padded to a multiple of this, so that its length says little. */
export const PADDING_BYTES = 512;
