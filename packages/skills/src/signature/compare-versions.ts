const VERSION = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/;

/**
 * Orders two versions of the form `1.2.3` or `1.2.3-rc.1`: negative when the first is older. 0 also when either has
 * another form, because then nothing is known about their order.
 * @see https://semver.org, section 11
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [VERSION.exec(a), VERSION.exec(b)];
  if (left === null || right === null) return 0;
  const [these, those] = [numbers(left), numbers(right)];
  for (let index = 0; index < Math.max(these.length, those.length); index += 1) {
    const difference = (these[index] ?? 0) - (those[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left[2], right[2]);
}

function numbers(match: RegExpExecArray): readonly number[] {
  return (match[1] ?? "").split(".").map(Number);
}

function comparePreReleases(a: string | undefined, b: string | undefined): number {
  // A version comes after its own previews.
  if (a === undefined || b === undefined) return Number(b !== undefined) - Number(a !== undefined);
  const [these, those] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.min(these.length, those.length); index += 1) {
    const [left, right] = [these[index] ?? "", those[index] ?? ""];
    if (left === right) continue;
    const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeftNumber && isRightNumber) return Number(left) - Number(right);
    if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return these.length - those.length;
}
