/** The `Database` of this process. */
export const DATABASE = Symbol('DATABASE');
