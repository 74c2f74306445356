declare const templateIdBrand: unique symbol;

/** Name of a template across processes and models: 16 hexadecimal digits, a hash of its text. */
export type TemplateId = string & { readonly [templateIdBrand]: true };

/**
 * Names a template by its text.
 *
 * Source: two independent 32-bit lanes over the UTF-16 code units, each step a multiplication by an odd
 * constant as in FNV-1a, finished with the avalanche of MurmurHash3 (Appleby). Not cryptographic.
 *
 * @param template text of a template; any string, lone surrogates and the empty string included
 * @returns 16 lower-case hexadecimal digits, the same on every machine and in every version
 */
export function templateIdOf(template: string): TemplateId {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < template.length; index++) {
    const unit = template.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  const first = avalanche(low ^ template.length);
  const second = avalanche(high ^ first);
  return (hex(second) + hex(first)) as TemplateId;
}

export function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

export function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
