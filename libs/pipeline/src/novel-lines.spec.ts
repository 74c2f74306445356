import { configurationSchema } from '@logbert/contracts';
import { templateIdOf } from '@logbert/template-mining';
import { describe, expect, it } from 'vitest';
import { NovelLines, UNGROUPED_TEMPLATE } from './novel-lines';

const { novelLines: SETTINGS } = configurationSchema.parse({}).detection;
const word = (value: number): string => (value >>> 0).toString(36).replace(/\d/g, 'z');

function flood(lines: NovelLines, count: number): void {
  for (let index = 0; index < count; index++) {
    const words = [1, 2, 3, 4].map((step) => word(Math.imul(index * 4 + step, 2654435761)));
    lines.add({ message: words.join(' '), service: 'printer' });
  }
}

describe('NovelLines', () => {
  it('groups lines and tells each template once', () => {
    const lines = new NovelLines(SETTINGS);
    const id = lines.add({ message: 'disk sda1 failed', service: 'kernel' });
    expect(lines.add({ message: 'disk sda1 failed', service: 'kernel' })).toBe(id);
    expect(lines.take()).toEqual([{ id, template: 'disk sda1 failed', service: 'kernel' }]);
    expect(lines.take()).toEqual([]);
    lines.announceAnew();
    lines.add({ message: 'disk sda1 failed', service: 'kernel' });
    expect(lines.take().length).toBe(1);
  });

  it('makes one group of what cannot be grouped, and goes on telling what it knows', () => {
    const lines = new NovelLines({ ...SETTINGS, maxTemplates: 100 });
    flood(lines, 6_000);
    expect(lines.grouping.state).toBe('quarantined');
    lines.take();
    const message = 'nothing like anything before';
    const id = lines.add({ message, service: 'printer' });
    expect(id).toBe(templateIdOf(UNGROUPED_TEMPLATE));
    expect(lines.add({ message: 'and another one of these', service: 'printer' })).toBe(id);
    expect(lines.take()).toEqual([{ id, template: UNGROUPED_TEMPLATE, service: 'printer' }]);
    expect(lines.describe(id, message)).toEqual({
      template: UNGROUPED_TEMPLATE,
      parameters: [{ value: message, mask: '...' }],
    });
  });

  it('describes a line by what its template has become', () => {
    const lines = new NovelLines(SETTINGS);
    const id = lines.add({ message: 'user anna logged in twice', service: 'web' });
    lines.add({ message: 'user bert logged in twice', service: 'web' });
    const { template, parameters } = lines.describe(id, 'user anna logged in twice');
    expect({ template, parameters }).toEqual({
      template: 'user <*> logged in twice',
      parameters: [{ value: 'anna', mask: '*' }],
    });
  });
});
