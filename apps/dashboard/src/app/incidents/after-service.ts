/** What follows the name of the service when a cause is told: titles often begin with that name. */
export function afterService(service: string, title: string): string {
  if (!title.startsWith(service)) return ` · ${title}`;
  const rest = title.slice(service.length);
  return /^[\s:,·]/.test(rest) ? rest : ` · ${title}`;
}
