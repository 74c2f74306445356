/**
 * At most `most` of the numbers, in their order: one from each of so many stretches of equal length, at a place that is
 * drawn, so that they are spread evenly and yet in step with nothing that recurs.
 *
 * Source: stratified sampling, Cochran, "Sampling Techniques", 1977, section 8.4.
 *
 * @param random in [0, 1); not asked when all numbers are taken
 * @returns the numbers themselves when there are no more than `most`
 */
export function drawEvenly(numbers: Uint32Array, most: number, random: () => number): Uint32Array {
  if (numbers.length <= most) return numbers;
  const borderOf = (stretch: number): number => Math.floor((stretch * numbers.length) / most);
  return Uint32Array.from({ length: most }, (_, stretch) => {
    const [from, to] = [borderOf(stretch), borderOf(stretch + 1)];
    return numbers[from + Math.floor(random() * (to - from))] ?? 0;
  });
}
