import { FilestoreError } from "@symbiont/filestore";

/** Whether an error leaves the file as it was before the write, so that the next one may succeed. */
export function isHarmless(error: unknown): boolean {
  return FilestoreError.is(error) && ["FILE_NO_SPACE", "FILE_ACCESS_DENIED", "FILE_IO"].includes(error.code);
}
