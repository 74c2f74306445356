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
    const own = lines.add({ message: 'disk sda1 failed', service: 'kernel' });
    expect(lines.add({ message: 'disk sda1 failed', service: 'kernel' })).toEqual(own);
    const { templateId: id } = own;
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
    const { templateId: id } = lines.add({ message, service: 'printer' });
    expect(id).toBe(templateIdOf(UNGROUPED_TEMPLATE));
    const other = lines.add({ message: 'and another one of these', service: 'printer' });
    expect(other.templateId).toBe(id);
    expect(lines.take()).toEqual([{ id, template: UNGROUPED_TEMPLATE, service: 'printer' }]);
    expect(lines.describe(id, message)).toEqual({
      template: UNGROUPED_TEMPLATE,
      parameters: [{ value: message, mask: '...' }],
    });
  });

  it('describes a line by what its template has become', () => {
    const lines = new NovelLines(SETTINGS);
    const { templateId: id, cluster } = lines.add({
      message: 'user anna logged in twice',
      service: 'web',
    });
    const second = lines.add({ message: 'user bert logged in twice', service: 'web' });
    expect(second.templateId).not.toBe(id);
    expect(second.cluster).toBe(cluster);
    const { template, parameters } = lines.describe(id, 'user anna logged in twice');
    expect({ template, parameters }).toEqual({
      template: 'user <*> logged in twice',
      parameters: [{ value: 'anna', mask: '*' }],
    });
  });

  it('gives lines the same ids after it was kept and resumed, in whatever state it was', () => {
    const texts = ['user anna logged in twice', 'user bert logged in twice', 'disk sda1 failed'];
    const [before, bare] = [new NovelLines(SETTINGS), new NovelLines(SETTINGS)];
    for (const message of texts) before.add({ message, service: 'web' });
    let last = before;
    for (let restart = 0; restart < 3; restart++) {
      const after = new NovelLines(SETTINGS);
      expect(after.resume(last.snapshot())).toBe(true);
      last = after;
    }
    const cleo = { message: 'user cleo logged in twice', service: 'web' };
    const { templateId: id } = before.add(cleo);
    expect(last.add(cleo).templateId).toBe(id);
    expect(last.describe(id, cleo.message).template).toBe('user <*> logged in twice');
    expect(bare.add(cleo).templateId).not.toBe(id);
  });

  it('stays in quarantine, and begins anew where its limits are others now', () => {
    const settings = { ...SETTINGS, maxTemplates: 100 };
    const lines = new NovelLines(settings);
    flood(lines, 6_000);
    const after = new NovelLines(settings);
    expect(after.resume(lines.snapshot())).toBe(true);
    expect(after.grouping).toEqual(lines.grouping);
    const other = new NovelLines({ ...settings, maxTemplates: 101 });
    expect(other.resume(lines.snapshot())).toBe(false);
    expect(other.grouping.state).toBe('grouping');
  });

  it('refuses a snapshot that is cut off', () => {
    const lines = new NovelLines(SETTINGS);
    expect(() => lines.resume(lines.snapshot().slice(0, -1))).toThrow('checksum');
  });
});
