/** Most bytes of one record; one less than 64 KiB, so that records fit the entry bundles of C2SP tiles. */
export const MAX_RECORD_BYTES = 65_535;

/** How a record may have ended. */
export const OUTCOMES: ReadonlySet<unknown> = new Set(["attempt", "success", "failure", "denied", "info"]);

/** What a record's type looks like. */
export const RECORD_TYPE: RegExp = /^[a-z0-9_.]{1,64}$/;

/** Year 9999: later times have another form, which no reader takes. */
export const LATEST_TIME = 253_402_300_799_999;
