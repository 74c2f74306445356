import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** Marks a door that needs no API key. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
