import fc from "fast-check";

// On CI a change is judged by its own merits: the same cases each time. Everywhere else every run explores new ones,
// and what it finds becomes a vector.
if (process.env["CI"] !== undefined) fc.configureGlobal({ seed: 20_261_123 });
