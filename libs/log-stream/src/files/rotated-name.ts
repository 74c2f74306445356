/** What rotation adds behind a name: numbers, dates and times, or `old`. */
const ADDED_BEHIND = /^[._-](?:\d[\d._:T-]*|old)$/i;
/** What it adds before the extension; a bare number there may be that of another writer. */
const ADDED_WITHIN = /^[._-]\d{4}[-_.]?\d{2}[-_.]?\d{2}[\d._:T-]*$/;
const NUMBER = /^[._-](\d{1,5})$/;

/**
 * How old a rotated file of the log is by its name, the youngest the least: `app.log.1` before `app.log.2`; those named by
 * their date are alike. `undefined` when the name is not one that rotation gives, or is that of a packed file.
 */
export function ageByName(log: string, name: string): number | undefined {
  if (name.startsWith(log)) {
    const added = name.slice(log.length);
    return ADDED_BEHIND.test(added) ? Number(NUMBER.exec(added)?.[1] ?? 0) : undefined;
  }
  const dot = log.lastIndexOf('.');
  if (dot <= 0) return undefined;
  const [stem, extension] = [log.slice(0, dot), log.slice(dot)];
  if (!name.startsWith(stem) || !name.endsWith(extension)) return undefined;
  return ADDED_WITHIN.test(name.slice(stem.length, -extension.length)) ? 0 : undefined;
}
