import type { DatabaseConfig } from '@logbert/contracts';
import { openDatabase } from '@logbert/database';
import { Global, Module } from '@nestjs/common';
import { DATABASE_CONFIG, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { DATABASE } from './database.token';

/** Opens the database when the program starts; `Application` closes it after everything that uses it. */
@Global()
@Module({
  providers: [
    {
      provide: DATABASE,
      inject: [DATABASE_CONFIG, LOCATIONS],
      useFactory: ({ url }: DatabaseConfig, { databaseDirectory }: Locations) =>
        openDatabase({ url, directory: databaseDirectory }),
    },
  ],
  exports: [DATABASE],
})
export class DatabaseModule {}
