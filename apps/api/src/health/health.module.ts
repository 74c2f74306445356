import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ArtifactsModule } from '../artifacts/artifacts.module';
import { EventLoopMonitor } from './event-loop-monitor';
import { HealthProbe } from './health-probe';
import { HealthController } from './health.controller';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ArtifactsModule],
  controllers: [HealthController],
  providers: [HealthProbe, EventLoopMonitor],
})
export class HealthModule {}
