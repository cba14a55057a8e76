/**
 * The exponent of time over input size: 1 is linear. Takes the fastest of several runs at each size and
 * compares far apart sizes, so that noise on the machine moves it little.
 */
export function growthExponent(sizes: readonly number[], make: (size: number) => () => unknown): number {
  const points = sizes.map((size) => {
    const run = make(size);
    for (let warm = 0; warm < 3; warm += 1) run();
    let fastest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 9; round += 1) {
      const start = performance.now();
      run();
      fastest = Math.min(fastest, performance.now() - start);
    }
    return { x: Math.log(size), y: Math.log(Math.max(fastest, 1e-4)) };
  });
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}
