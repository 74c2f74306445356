import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { EmptyNotice } from './empty-notice';

@Component({
  selector: 'app-not-found-page',
  imports: [EmptyNotice, RouterLink],
  template: `
    <div class="page">
      <app-empty-notice icon="missing" heading="There is no such page">
        The address may be mistyped. <a routerLink="/">Go to the live view</a>
      </app-empty-notice>
    </div>
  `,
})
export class NotFoundPage {}
