import type { SecretWrite } from "../backend.ts";
import { SecretError } from "../errors.ts";
import type { SecretMetadata } from "../secret-metadata.ts";

const MAX_PREVIOUS = 16;

/**
 * What a secret's metadata are after a write, for back ends that keep versions themselves. Older versions stay
 * only if the write keeps the one it replaces, and only as long as they were promised.
 * @param current undefined when there is none of that name.
 * @throws SecretError `SECRET_CONFLICT` when the write wants another current version.
 */
export function nextMetadata(
  name: string,
  current: SecretMetadata | undefined,
  write: SecretWrite,
  now: number,
): SecretMetadata {
  const version = current?.version ?? 0;
  if (write.ifVersion !== undefined && write.ifVersion !== version)
    throw new SecretError("SECRET_CONFLICT", "the secret is not of the expected version", { secret: name });
  const { expiresAt, rotateAfter, notes, keepPreviousUntil } = write;
  const kept = (current?.previous ?? []).filter(({ until }) => now < until);
  const previous =
    current === undefined || keepPreviousUntil === undefined
      ? []
      : [{ version, until: keepPreviousUntil }, ...kept].slice(0, MAX_PREVIOUS);
  return {
    name,
    version: version + 1,
    createdAt: current?.createdAt ?? now,
    updatedAt: now,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(rotateAfter !== undefined && { rotateAfter }),
    ...(notes !== undefined && { notes }),
    previous,
  };
}
