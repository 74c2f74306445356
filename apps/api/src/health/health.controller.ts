import { ROUTES } from '@logbert/contracts';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { SkipThrottle } from '@nestjs/throttler';
import { Public } from '../auth/public';
import { HealthProbe } from './health-probe';

@Public()
@SkipThrottle()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly probe: HealthProbe,
  ) {}

  /** Whether the process gets on with its work; when it does not, restarting it helps. */
  @Get(ROUTES.healthLive)
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.probe.logStreamProgress(), () => this.probe.eventLoop()]);
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
