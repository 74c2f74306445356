/** Names under the data directory. */
export const FOLLOWED_DIRECTORY = 'followed';
export const STRETCHES_FILE = 'stretches.json';
export const MARKS_FILE = 'marks';
