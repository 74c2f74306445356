import { ROUTES } from '@logbert/contracts';

/** The text that Prometheus would scrape. */
export async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}${ROUTES.metrics}`);
  return response.text();
}

/** The sum of a metric's series whose labels contain all of `labels`, such as `stream="shop"`. */
export async function sumOf(
  url: string,
  metric: string,
  labels: readonly string[] = [],
): Promise<number> {
  const lines = (await scrape(url)).split('\n');
  return lines
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
