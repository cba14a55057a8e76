const LEAST_ROUNDS = 4;
const MOST_ROUNDS = 15;
const CLEARLY_LINEAR = 1.2;
/** Below this a timer and a first call weigh more than the input. */
const LEAST_MICROSECONDS = 50;

interface Point {
  readonly size: number;
  microseconds: number;
}

/**
 * Fits how time grows with input size: 1 is linear, 2 quadratic. Processor time of this process is measured, several
 * times for each size in turn, and the least of each counts, so that a busy machine does not look like a slow
 * algorithm. Measuring ends early at an exponent of `enough`; what grows faster does so in every round.
 */
export function growthExponent<Input>(
  sizes: readonly number[],
  build: (size: number) => Input,
  run: (input: Input) => void,
  enough: number = CLEARLY_LINEAR,
): number {
  const inputs = sizes.map(build);
  const points = sizes.map(unmeasured);
  for (let round = 1; ; round += 1) {
    for (const [index, point] of points.entries()) {
      const start = process.cpuUsage();
      run(inputs[index] as Input);
      point.microseconds = Math.min(point.microseconds, spentSince(start));
    }
    if (isMeasured(round, points, enough)) return exponentOf(points);
  }
}

/** The same for work that waits. Nothing else may run in the process meanwhile. */
export async function growthExponentAsync<Input>(
  sizes: readonly number[],
  build: (size: number) => Input,
  run: (input: Input) => Promise<unknown>,
  enough: number = CLEARLY_LINEAR,
): Promise<number> {
  const inputs = sizes.map(build);
  const points = sizes.map(unmeasured);
  for (let round = 1; ; round += 1) {
    for (const [index, point] of points.entries()) {
      const start = process.cpuUsage();
      await run(inputs[index] as Input);
      point.microseconds = Math.min(point.microseconds, spentSince(start));
    }
    if (isMeasured(round, points, enough)) return exponentOf(points);
  }
}

function unmeasured(size: number): Point {
  return { size, microseconds: Number.POSITIVE_INFINITY };
}

function isMeasured(round: number, points: readonly Point[], enough: number): boolean {
  return round >= LEAST_ROUNDS && (round >= MOST_ROUNDS || exponentOf(points) <= enough);
}

function spentSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** The slope of the line through the points, both axes logarithmic. */
function exponentOf(points: readonly Point[]): number {
  const logs = points.map(({ size, microseconds }) => ({
    x: Math.log(size),
    y: Math.log(Math.max(microseconds, LEAST_MICROSECONDS)),
  }));
  const meanX = logs.reduce((sum, point) => sum + point.x, 0) / logs.length;
  const meanY = logs.reduce((sum, point) => sum + point.y, 0) / logs.length;
  const covariance = logs.reduce((sum, point) => sum + (point.x - meanX) * (point.y - meanY), 0);
  const variance = logs.reduce((sum, point) => sum + (point.x - meanX) ** 2, 0);
  return covariance / variance;
}
