import { existsSync } from 'node:fs';
import type { AuthConfig, DemoFaultName, DemoState } from '@logbert/contracts';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { firstValueFrom, race, Subject, timer } from 'rxjs';
import { AUTH_CONFIG, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { ConflictFailure } from '../problems/request-failure';
import { DemoChild, type DemoCommand } from './demo-child';
import { markDemoHome } from './demo-home';

const OFF: DemoState = { phase: 'off', isAutomatic: false, faults: [] };

const ANSWER_WITHIN_MS = 1_000;

/** Whether this server runs the demo shop. */
export const IS_DEMO = Symbol('IS_DEMO');

@Injectable()
export class DemoService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Demo');
  private child: DemoChild | undefined;
  private current: DemoState = OFF;
  private readonly states = new Subject<DemoState>();

  constructor(
    @Inject(IS_DEMO) private readonly isDemo: boolean,
    @Inject(LOCATIONS) private readonly locations: Locations,
    @Inject(AUTH_CONFIG) private readonly auth: AuthConfig,
  ) {}

  get state(): DemoState {
    return this.current;
  }

  /** @param url where this server listens */
  async start(url: string): Promise<void> {
    const { demoProgram, dataDirectory } = this.locations;
    if (!this.isDemo) return;
    if (!existsSync(demoProgram)) {
      this.logger.warn(`The demo is not built: there is no ${demoProgram}.`);
      return;
    }
    await markDemoHome(dataDirectory);
    this.child = new DemoChild(demoProgram, url, this.auth.apiKeys[0], {
      onState: (state) => {
        this.current = state;
        this.states.next(state);
      },
      onEnd: (reason) => {
        this.logger.warn(`The demo shop has closed: ${reason}.`);
        this.current = { ...this.current, phase: 'stopped' };
        this.child = undefined;
      },
    });
    this.logger.log('The demo shop opens: it sends logs like any producer.');
  }

  /** The state after the shop has heard of it. */
  setAutomatic(isAutomatic: boolean): Promise<DemoState> {
    return this.order({ type: 'automatic', isAutomatic });
  }

  switchOn(name: DemoFaultName): Promise<DemoState> {
    return this.order({ type: 'fault', name });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.child?.stop();
  }

  private async order(command: DemoCommand): Promise<DemoState> {
    if (!this.child) {
      throw new ConflictFailure(
        'The demo does not run. It starts with "demo: true" and an empty data directory.',
      );
    }
    const answer = firstValueFrom(race(this.states, timer(ANSWER_WITHIN_MS)));
    this.child.send(command);
    await answer;
    return this.current;
  }
}
