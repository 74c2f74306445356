import type { ArtifactsConfig } from '@logbert/contracts';
import { Module } from '@nestjs/common';
import { ARTIFACTS_CONFIG, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { Meters } from '../metrics/meters';
import { ARTIFACT_STORE } from './artifact-store.token';
import { ArtifactsService } from './artifacts.service';
import { MeteredArtifactStore } from './metered-artifact-store';
import { openArtifactStore } from './open-artifact-store';

@Module({
  providers: [
    {
      provide: ARTIFACT_STORE,
      inject: [ARTIFACTS_CONFIG, LOCATIONS, Meters],
      useFactory: (config: ArtifactsConfig, { artifactDirectory }: Locations, meters: Meters) =>
        new MeteredArtifactStore(openArtifactStore(config, artifactDirectory), meters),
    },
    ArtifactsService,
  ],
  exports: [ARTIFACT_STORE, ArtifactsService],
})
export class ArtifactsModule {}
