import { Module } from '@nestjs/common';
import { Housekeeper } from './housekeeper';

@Module({ providers: [Housekeeper] })
export class HousekeepingModule {}
