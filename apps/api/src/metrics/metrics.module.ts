import { ROUTES } from '@logbert/contracts';
import { Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { Meters } from './meters';
import { MetricsController } from './metrics.controller';

@Global()
@Module({
  imports: [PrometheusModule.register({ path: ROUTES.metrics, controller: MetricsController })],
  providers: [Meters],
  exports: [Meters],
})
export class MetricsModule {}
