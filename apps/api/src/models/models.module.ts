import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module';
import { ModelActivation } from './model-activation';
import { ModelsController } from './models.controller';
import { ModelsService } from './models.service';

@Module({
  imports: [ArtifactsModule],
  controllers: [ModelsController],
  providers: [ModelsService, ModelActivation],
  exports: [ModelsService, ModelActivation],
})
export class ModelsModule {}
