import { Component, computed, input } from '@angular/core';
import { afterService } from './after-service';

/** A cause in one sentence: its service stands out, and is not named twice. */
@Component({
  selector: 'app-cause-text',
  template: `<b>{{ service() }}</b
    >{{ rest() }}`,
  styles: `
    :host {
      overflow-wrap: anywhere;
    }
    b {
      font-weight: 650;
    }
  `,
})
export class CauseText {
  readonly service = input.required<string>();
  readonly title = input.required<string>();
  protected readonly rest = computed(() => afterService(this.service(), this.title()));
}
