import { TOPICS } from '@logbert/contracts';

/** Names under the data directory. */
export const SPOOL_DIRECTORY = 'spool';
export const OUTLET_DIRECTORY = 'outlet';
export const DEAD_LETTER_DIRECTORY = 'dead-letters';
export const POSITIONS_FILE = 'positions.json';
/** Which partition each stream has. */
export const STREAMS_FILE = 'streams.json';
export const IDENTITY_FILE = 'identity';
export const CLAIM_FILE = 'owner';

/** What a spooled record says it came from. */
export const SPOOL_SOURCE = TOPICS.logs;
