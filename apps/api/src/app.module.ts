import type { Configuration, ServerConfig } from '@logbert/contracts';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { AnomaliesModule } from './anomalies/anomalies.module';
import { AuthModule } from './auth/auth.module';
import { ConfigModule, hasRole, SERVER_CONFIG } from './config/config.module';
import type { Locations } from './config/locations';
import { DeadLettersModule } from './dead-letters/dead-letters.module';
import { DemoModule } from './demo/demo.module';
import { HealthModule } from './health/health.module';
import { HousekeepingModule } from './housekeeping/housekeeping.module';
import { IncidentsModule } from './incidents/incidents.module';
import { InferenceModule } from './inference/inference.module';
import { IngestModule } from './ingest/ingest.module';
import { LiveModule } from './live/live.module';
import { OutboxModule } from './live/outbox.module';
import { MessagingModule } from './messaging/messaging.module';
import { MetricsModule } from './metrics/metrics.module';
import { ModelsModule } from './models/models.module';
import { ProblemFilter } from './problems/problem.filter';
import { RcaModule } from './rca/rca.module';
import { DatabaseModule } from './storage/database.module';
import { StreamsModule } from './streams/streams.module';
import { TemplatesModule } from './templates/templates.module';
import { TrainingModule } from './training/training.module';

const EVERYWHERE = [
  DatabaseModule,
  MessagingModule,
  OutboxModule,
  MetricsModule,
  AuthModule,
  HealthModule,
  IncidentsModule,
  RcaModule,
  ThrottlerModule.forRootAsync({
    inject: [SERVER_CONFIG],
    useFactory: ({ requestsPerMinute }: ServerConfig) => [
      { ttl: 60_000, limit: requestsPerMinute },
    ],
  }),
];
const DOORS = [
  IngestModule,
  StreamsModule,
  ModelsModule,
  AnomaliesModule,
  TemplatesModule,
  DeadLettersModule,
  LiveModule,
];

/** The program as its roles make it. */
@Module({})
export class AppModule {
  static of(
    configuration: Configuration,
    locations: Locations,
    demo: { readonly isHome: boolean },
  ): DynamicModule {
    const isApi = hasRole(configuration, 'api');
    const isTrainer = hasRole(configuration, 'trainer');
    const isDetector = hasRole(configuration, 'detector');
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(configuration, locations),
        ...EVERYWHERE,
        ...(isApi ? [...DOORS, DemoModule.of(configuration.demo && demo.isHome)] : []),
        ...(isApi || isTrainer ? [TrainingModule.of({ isApi, isTrainer })] : []),
        ...(isDetector ? [InferenceModule, HousekeepingModule] : []),
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: ThrottlerGuard },
      ],
    };
  }
}
