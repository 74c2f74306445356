declare const tokenIdBrand: unique symbol;

/** Position of a key in a model's embedding table. */
export type TokenId = number & { readonly [tokenIdBrand]: true };

/** Fills windows up to the batch's length; attention never sees it. */
export const PADDING = 0 as TokenId;
/** `[DIST]`, the token in front of each window whose state stands for the whole window. */
export const DISTANCE = 1 as TokenId;
/** Stands where the model has to guess. */
export const MASK = 2 as TokenId;
/** A key that the vocabulary does not have. */
export const UNKNOWN = 3 as TokenId;
/** The first id of a real key. */
export const FIRST_KEY = 4 as TokenId;
