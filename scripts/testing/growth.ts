const ATTEMPTS = 3;
/** A measurement this far above linear is made again, as other work on the machine only ever makes it look worse. */
const ROUNDS = 4;
const CLEARLY_LINEAR = 1.2;
/** Below this a timer and a first call weigh more than the input. */
const LEAST_MICROSECONDS = 50;

interface Point {
  readonly size: number;
  readonly microseconds: number;
}

/**
 * Fits how time grows with input size: 1 is linear, 2 quadratic. Processor time of this process is measured, several
 * times for each size, and the least counts, so that a busy machine does not look like a slow algorithm; what still
 * looks slow is measured again. Growth that is not linear stays above in every round.
 */
export function growthExponent<Input>(
  sizes: readonly number[],
  build: (size: number) => Input,
  run: (input: Input) => void,
): number {
  const inputs = sizes.map((size) => ({ size, input: build(size) }));
  let exponent = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && exponent > CLEARLY_LINEAR; round += 1) {
    const points = inputs.map(({ size, input }) => {
      const times = Array.from({ length: ATTEMPTS }, () => {
        const start = process.cpuUsage();
        run(input);
        return spentSince(start);
      });
      return { size, microseconds: Math.min(...times) };
    });
    exponent = Math.min(exponent, exponentOf(points));
  }
  return exponent;
}

/** The same for work that waits. Nothing else may run in the process meanwhile. */
export async function growthExponentAsync<Input>(
  sizes: readonly number[],
  build: (size: number) => Input,
  run: (input: Input) => Promise<unknown>,
): Promise<number> {
  const inputs = sizes.map((size) => ({ size, input: build(size) }));
  let exponent = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && exponent > CLEARLY_LINEAR; round += 1) {
    const points: Point[] = [];
    for (const { size, input } of inputs) {
      let microseconds = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const start = process.cpuUsage();
        await run(input);
        microseconds = Math.min(microseconds, spentSince(start));
      }
      points.push({ size, microseconds });
    }
    exponent = Math.min(exponent, exponentOf(points));
  }
  return exponent;
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
