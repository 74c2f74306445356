import { bootstrapApplication } from '@angular/platform-browser';
import { config } from 'zod';
import { App } from './app/app';
import { appConfig } from './app/app.config';

// Compiled schemas need `new Function`, which the content security policy forbids.
config({ jitless: true });

bootstrapApplication(App, appConfig).catch((failure: unknown) => console.error(failure));
