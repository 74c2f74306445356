/**
 * Two-sided p-value of a Poisson count: twice the smaller tail, the observed count within both.
 *
 * @param count >= 0, need not be whole
 * @param mean > 0
 * @returns (0, 1]; never 0, also where the tail underflows
 */
export function poissonPValue(count: number, mean: number): number {
  const atMost = regularisedGamma(count + 1, mean).upper;
  const atLeast = count <= 0 ? 1 : regularisedGamma(count, mean).lower;
  return Math.min(1, Math.max(Number.MIN_VALUE, 2 * Math.min(atMost, atLeast)));
}

/**
 * P(X >= count) of a Poisson count.
 *
 * @param count a whole number >= 0
 * @param mean > 0
 * @returns [0, 1]
 */
export function poissonUpperTail(count: number, mean: number): number {
  return count <= 0 ? 1 : regularisedGamma(count, mean).lower;
}

const PRECISION = 1e-15;
const MAX_TERMS = 10_000;

/**
 * P(a, x) and Q(a, x), the regularised incomplete gamma functions, each exact where it is small.
 *
 * Press et al., "Numerical Recipes", 3rd ed., section 6.2: the series below a + 1, Lentz's continued fraction above.
 */
function regularisedGamma(
  a: number,
  x: number,
): { readonly lower: number; readonly upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
      term *= x / (a + n);
      sum += term;
    }
    const lower = Math.min(1, sum * front);
    return { lower, upper: 1 - lower };
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || 1e-300);
    c = b + numerator / c || 1e-300;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  const upper = Math.min(1, front * fraction);
  return { lower: 1 - upper, upper };
}

/** log Γ(x) for x > 0: Stirling's series, shifted up to where four terms give twelve digits. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift -= Math.log(z);
    z += 1;
  }
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1_260 - inverse * (1 / 1_680)))) / z;
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
