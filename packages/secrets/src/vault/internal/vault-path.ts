import { checkSecretName } from "../../secret-name.ts";

/**
 * Splits a mount, prefix or path given as an option.
 * @param option names it in errors.
 * @throws TypeError when it breaks the rules of names.
 */
export function checkedPath(option: string, path: string): readonly string[] {
  try {
    return checkSecretName(path).split("/");
  } catch {
    throw new TypeError(
      `${option} must be segments joined by '/', none of them empty, '.' or '..', without control characters`,
    );
  }
}

/** Splits the name of a secret. @throws SecretError `SECRET_NAME_INVALID`. */
export function nameSegments(name: string): readonly string[] {
  return checkSecretName(name).split("/");
}
