/**
 * Fits how time grows with input size: 1 is linear, 2 quadratic. Processor time of this process is measured, several
 * times for each size, and the least counts, so that a busy machine does not look like a slow algorithm.
 */
export function growthExponent<Input>(
  sizes: readonly number[],
  build: (size: number) => Input,
  run: (input: Input) => void,
): number {
  const points = sizes.map((size) => {
    const input = build(size);
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const start = process.cpuUsage();
      run(input);
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, user + system);
    }
    // Below this a timer and a first call weigh more than the input.
    return { x: Math.log(size), y: Math.log(Math.max(best, 50)) };
  });
  const meanX = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const meanY = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  const covariance = points.reduce((sum, point) => sum + (point.x - meanX) * (point.y - meanY), 0);
  const variance = points.reduce((sum, point) => sum + (point.x - meanX) ** 2, 0);
  return covariance / variance;
}
