import type { ROUTES } from '@logbert/contracts';

type Route = (typeof ROUTES)[keyof typeof ROUTES];

/** Builds the address of a door: `:name` parts are filled, the rest becomes the query. */
export function urlOf(
  route: Route,
  parts: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | number | boolean | null | undefined>> = {},
): string {
  const path = route.replace(/:([a-z]+)/gi, (whole, name: string) => {
    const value = parts[name];
    return value === undefined ? whole : encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
