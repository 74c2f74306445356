/**
 * What parts of a miner take in memory, in bytes on 64-bit V8; every constant is at or above what was measured.
 *
 * A miner holds: clusters × `CLUSTER_BYTES` + their tokens × `PLACE_BYTES` + their templates' text, each different token
 * once × `TOKEN_BYTES` + its text, and nodes × `NODE_BYTES`. Text counts two bytes a UTF-16 code unit.
 */
export const CLUSTER_BYTES = 320;
/** A token's place in a template. */
export const PLACE_BYTES = 4;
export const UNIT_BYTES = 2;
/** A token apart from its text: string header, hash, holders, its slots. */
export const TOKEN_BYTES = 80;
/** A node of the tree with its entry in its parent. */
export const NODE_BYTES = 300;

/** Bytes of a cluster apart from its tokens' entries in the table. */
export function clusterBytes(tokenCount: number, templateLength: number): number {
  return CLUSTER_BYTES + tokenCount * PLACE_BYTES + templateLength * UNIT_BYTES;
}

/** A family of the flexible engine with its share of frames, apart from its places. */
const FAMILY_BYTES = 1_500;
/** A place of a family: its first word, and its entry in the index of words. */
const FAMILY_PLACE_BYTES = 120;
/** A row of the flexible engine with its share of index and template, apart from its pieces. */
const ROW_BYTES = 1_400;
/** A piece's place in a row: its number twice, its gap, the template's own copy. */
const ROW_PLACE_BYTES = 16;

/** Bytes of a family apart from its rows. */
export function familyBytes(width: number): number {
  return FAMILY_BYTES + width * FAMILY_PLACE_BYTES;
}

/** Bytes of a row apart from its tokens' entries in the table. */
export function rowBytes(pieceCount: number): number {
  return ROW_BYTES + pieceCount * ROW_PLACE_BYTES;
}
