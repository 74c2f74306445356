import type { Configuration, Role } from '@logbert/contracts';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Locations } from './locations';

export const CONFIGURATION = Symbol('CONFIGURATION');
export const SERVER_CONFIG = Symbol('SERVER_CONFIG');
export const AUTH_CONFIG = Symbol('AUTH_CONFIG');
export const DATABASE_CONFIG = Symbol('DATABASE_CONFIG');
export const LOG_STREAM_CONFIG = Symbol('LOG_STREAM_CONFIG');
export const ARTIFACTS_CONFIG = Symbol('ARTIFACTS_CONFIG');
export const TRAINING_CONFIG = Symbol('TRAINING_CONFIG');
export const DETECTION_CONFIG = Symbol('DETECTION_CONFIG');
export const INCIDENT_CONFIG = Symbol('INCIDENT_CONFIG');
export const RCA_CONFIG = Symbol('RCA_CONFIG');
export const RETENTION_CONFIG = Symbol('RETENTION_CONFIG');
export const LOCATIONS = Symbol('LOCATIONS');

const SLICES = {
  server: SERVER_CONFIG,
  auth: AUTH_CONFIG,
  database: DATABASE_CONFIG,
  logStream: LOG_STREAM_CONFIG,
  artifacts: ARTIFACTS_CONFIG,
  training: TRAINING_CONFIG,
  detection: DETECTION_CONFIG,
  incidents: INCIDENT_CONFIG,
  rca: RCA_CONFIG,
  retention: RETENTION_CONFIG,
} as const satisfies Partial<Record<keyof Configuration, symbol>>;

export function hasRole(configuration: Configuration, role: Role): boolean {
  return configuration.roles.includes(role);
}

/** Hands out the parsed configuration, whole and in slices. */
@Module({})
export class ConfigModule {
  static of(configuration: Configuration, locations: Locations): DynamicModule {
    const providers: Provider[] = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: LOCATIONS, useValue: locations },
      ...keysOf(SLICES).map((key) => ({ provide: SLICES[key], useValue: configuration[key] })),
    ];
    return {
      module: ConfigModule,
      global: true,
      providers,
      exports: providers,
    };
  }
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[];
}
