import { type DynamicModule, Module } from '@nestjs/common';
import { DemoController } from './demo.controller';
import { DemoService, IS_DEMO } from './demo.service';

@Module({})
export class DemoModule {
  static of(isDemo: boolean): DynamicModule {
    return {
      module: DemoModule,
      controllers: [DemoController],
      providers: [DemoService, { provide: IS_DEMO, useValue: isDemo }],
    };
  }
}
