import { type Configuration, ROUTES } from '@logbert/contracts';
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { SkipThrottle } from '@nestjs/throttler';
import { Public } from '../auth/public';
import { CONFIGURATION, hasRole } from '../config/config.module';
import { HealthProbe } from './health-probe';

@Public()
@SkipThrottle()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly probe: HealthProbe,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Whether the process gets on with its work; when it does not, restarting it helps. */
  @Get(ROUTES.healthLive)
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    // Only who consumes can be stuck; others see the lag of those who do.
    const consumes = hasRole(this.configuration, 'detector');
    return this.health.check([
      ...(consumes ? [() => this.probe.logStreamProgress()] : []),
      () => this.probe.eventLoop(),
    ]);
  }

  /** Whether everything that a request needs can be reached. */
  @Get(ROUTES.healthReady)
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.probe.database(),
      () => this.probe.artifactStore(),
      () => this.probe.logStream(),
    ]);
  }
}
