import { type ArtifactStore, ModelBundles } from '@logbert/artifact-store';
import type { BundleFile } from '@logbert/contracts';
import { TemplateCatalogue } from '@logbert/pipeline';
import { Inject, Injectable } from '@nestjs/common';
import { ARTIFACT_STORE } from './artifact-store.token';

/** The bundles of trained models; nothing leaves here whose checksums do not hold. */
@Injectable()
export class ArtifactsService {
  private readonly bundles: ModelBundles;

  constructor(@Inject(ARTIFACT_STORE) store: ArtifactStore) {
    this.bundles = new ModelBundles(store);
  }

  loadBundle(modelId: string): Promise<Readonly<Record<BundleFile, Uint8Array>>> {
    return this.bundles.load(modelId);
  }

  /** The templates a bundle was trained with. */
  async loadTemplates(modelId: string): Promise<TemplateCatalogue> {
    const files = await this.loadBundle(modelId);
    return TemplateCatalogue.parse(new TextDecoder().decode(files['templates.json'])).catalogue;
  }
}
