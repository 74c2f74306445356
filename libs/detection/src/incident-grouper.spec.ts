import type { Anomaly, Incident, MissingTemplate } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { anomaly, minuteOf, newId, type LineSketch } from './anomaly-sketches';
import { SnapshotFailure } from './detection-failures';
import { IncidentGrouper } from './incident-grouper';

const SETTINGS = { idleMs: 45_000, openAtEvidence: 6 };

/** A grouper with the incidents it opened, as a server keeps them. */
class Desk {
  readonly open = new Map<string, Incident>();
  readonly membership = new Map<string, string>();
  constructor(readonly grouper = new IncidentGrouper(SETTINGS)) {}

  add(one: Anomaly): string | undefined {
    const decision = this.grouper.add(one, [...this.open.values()], newId());
    if (decision.kind === 'pending') return undefined;
    this.open.set(decision.incident.id, decision.incident);
    for (const id of decision.anomalyIds) this.membership.set(id, decision.incident.id);
    return decision.incident.id;
  }
}

const providerTimeout: readonly LineSketch[] = [
  { service: 'payment', text: 'no answer from the provider', level: 'error', isNovel: true },
  { service: 'cart', text: 'checkout given up', level: 'warn', isNovel: true },
  { service: 'gateway', text: 'upstream payment did not answer', level: 'error', isNovel: true },
  { service: 'gateway', text: 'response 504', level: 'error' },
];
const diskFull: readonly LineSketch[] = [
  { service: 'db-proxy', text: 'no space left on device', level: 'error', isNovel: true },
  { service: 'cart', text: 'cart could not be saved', level: 'error', isNovel: true },
  { service: 'gateway', text: 'response 500', level: 'error' },
];
const badDeploy: readonly LineSketch[] = [
  { service: 'catalogue', text: 'TypeError in resolver v2', level: 'error', isNovel: true },
  { service: 'gateway', text: 'response 500', level: 'error' },
];
const guesses: readonly LineSketch[] = [
  { service: 'gateway', text: 'too many failed logins', level: 'warn', isNovel: true },
];
const uncharged: MissingTemplate = {
  templateId: 'charge captured',
  template: 'charge captured',
  service: 'payment',
  share: 0.99,
};

describe('IncidentGrouper', () => {
  it('lets a single borderline anomaly wait', () => {
    const desk = new Desk();
    expect(desk.add(anomaly(0, guesses, { pValue: 1e-3 }))).toBeUndefined();
    expect(desk.open.size).toBe(0);
  });

  it('takes what was taken back for no evidence, and keeps its company waiting', () => {
    const desk = new Desk();
    const [first, second, third] = [anomaly(0, guesses), anomaly(1, guesses), anomaly(2, guesses)];
    const weak = new Desk(new IncidentGrouper({ ...SETTINGS, openAtEvidence: 11 }));
    for (const one of [first, second]) weak.add(one);
    weak.grouper.retract(new Set([first.id, 'somebody else']));
    expect(weak.grouper.snapshot().pending).toMatchObject([
      { group: { anomalyCount: 1, evidence: 4 }, traces: [{ anomalyId: second.id }] },
    ]);
    expect(weak.add(third)).toBeUndefined();

    desk.add(first);
    desk.grouper.retract(new Set([first.id]));
    expect(desk.grouper.snapshot().pending).toEqual([]);
    expect(desk.add(second)).toBeUndefined();
    expect(desk.add(third)).toBeDefined();
  });

  it('opens with all that waited once the evidence is enough', () => {
    const desk = new Desk();
    const first = anomaly(0, diskFull);
    const second = anomaly(2_000, diskFull);
    expect(desk.add(first)).toBeUndefined();
    const id = desk.add(second);
    expect(id).toBeDefined();
    expect([...desk.membership.keys()]).toEqual([first.id, second.id]);
    expect(desk.open.get(id ?? '')).toMatchObject({
      anomalyCount: 2,
      openedAt: 10,
      services: ['db-proxy', 'cart', 'gateway'],
      title: 'db-proxy: 2 abnormal sessions, first “no space left on device”',
    });
  });

  it('opens at once for one overwhelming failure', () => {
    expect(new Desk().add(anomaly(0, diskFull, { pValue: 1e-7 }))).toBeDefined();
  });

  it('asks for company where a window is odd but shows no failure', () => {
    const desk = new Desk();
    const odd: readonly LineSketch[] = [{ service: 'cart', text: 'cart opened' }];
    expect(desk.add(anomaly(0, odd, { pValue: 1e-9 }))).toBeUndefined();
    expect(desk.add(anomaly(500, odd, { pValue: 1e-9 }))).toBeDefined();
  });

  it('does not add up what has nothing in common', () => {
    const desk = new Desk();
    desk.add(anomaly(0, diskFull));
    expect(desk.add(anomaly(1_000, badDeploy))).toBeUndefined();
    expect(desk.add(anomaly(2_000, guesses))).toBeUndefined();
    expect(desk.open.size).toBe(0);
  });

  it('forgets what had no company for too long', () => {
    const desk = new Desk();
    desk.add(anomaly(0, diskFull));
    desk.grouper.closeIdle(60_000, []);
    expect(desk.add(anomaly(61_000, diskFull))).toBeUndefined();
  });

  it('keeps five faults within some minutes apart, and each together', () => {
    const desk = new Desk();
    const ids = new Map<string, Set<string>>();
    const faults: readonly (readonly [string, (at: number) => Anomaly])[] = [
      ['timeout', (at) => anomaly(at, providerTimeout, { missing: [uncharged] })],
      ['disk', (at) => anomaly(at, diskFull, { missing: [uncharged] })],
      ['deploy', (at) => anomaly(at, badDeploy)],
      ['guesses', (at) => anomaly(at, guesses)],
      ['drop', (at) => anomaly(at, [], { missing: [uncharged] })],
    ];
    for (const [index, [name, build]] of faults.entries()) {
      for (let hit = 0; hit < 10; hit++) {
        const id = desk.add(build(index * 20_000 + hit * 1_000));
        if (id) ids.set(name, (ids.get(name) ?? new Set()).add(id));
      }
    }
    expect(ids.size).toBe(5);
    for (const own of ids.values()) expect(own.size).toBe(1);
    expect(desk.open.size).toBe(5);
  });

  it.each([
    ['the symptom after the cause', true],
    ['the cause after the symptom', false],
  ])('keeps a cascade over windows of single services together, %s', (_case, isCauseFirst) => {
    const cause = (at: number) =>
      anomaly(at, [
        { service: 'payment', text: 'provider timed out', level: 'error', isNovel: true },
      ]);
    const symptom = (at: number) =>
      anomaly(at, [
        { service: 'gateway', text: '502 from payment', level: 'error', isNovel: true },
      ]);
    const desk = new Desk();
    const order = isCauseFirst
      ? [cause, cause, symptom, symptom]
      : [symptom, symptom, cause, cause];
    for (const [index, build] of order.entries()) desk.add(build(index * 500));
    expect(desk.open.size).toBe(1);
  });

  it('takes a restart and the errors right after it for one fault, and later ones for another', () => {
    const restart: readonly LineSketch[] = [
      { service: 'catalogue', text: 'version 2 starts', isNovel: true },
    ];
    const desk = new Desk();
    const id = desk.add(anomaly(0, restart, { pValue: 1e-8 }));
    expect(desk.add(anomaly(2_000, badDeploy, { pValue: 1e-8 }))).toBe(id);
    const later: readonly LineSketch[] = [
      { service: 'catalogue', text: 'index is corrupt', level: 'error', isNovel: true },
    ];
    expect(desk.add(anomaly(30_000, later, { pValue: 1e-8 }))).not.toBe(id);
  });

  it('knows a new line again by its words when it is given another template', () => {
    const desk = new Desk();
    const line = (text: string): readonly LineSketch[] => [
      { service: 'db-proxy', text, level: 'error', isNovel: true },
    ];
    const id = desk.add(anomaly(0, line('no space left on device (req-<HEX>)'), { pValue: 1e-8 }));
    expect(desk.add(anomaly(20_000, line('no space left on device <*>')))).toBe(id);
    expect(desk.add(anomaly(21_000, line('no route to host <*>')))).toBeUndefined();
  });

  it('keeps the pieces of one long session together', () => {
    const desk = new Desk();
    const first = desk.add(anomaly(0, diskFull, { pValue: 1e-8, windowKey: 'req-1' }));
    expect(desk.add(anomaly(500, guesses, { windowKey: 'req-1' }))).toBe(first);
  });

  it('starts anew after a long silence of event time', () => {
    const desk = new Desk();
    const first = desk.add(anomaly(0, diskFull, { pValue: 1e-8 }));
    expect(desk.add(anomaly(3_600_000, diskFull, { pValue: 1e-8 }))).not.toBe(first);
  });

  it('closes after silence, counted from detection', () => {
    const desk = new Desk();
    desk.add(anomaly(0, diskFull, { pValue: 1e-8 }));
    const open = [...desk.open.values()];
    expect(desk.grouper.closeIdle(47_000, open)).toEqual([]);
    expect(desk.grouper.closeIdle(48_000, open)).toMatchObject([
      { state: 'closed', closedAt: 48_000 },
    ]);
  });

  it('grows worse, never better', () => {
    const desk = new Desk();
    const severities: (string | undefined)[] = [];
    for (let hit = 0; hit < 30; hit++) {
      const id = desk.add(anomaly(hit * 100, diskFull));
      severities.push(desk.open.get(id ?? '')?.severity);
    }
    expect(severities.slice(0, 3)).toEqual([undefined, 'medium', 'high']);
    expect(severities.at(-1)).toBe('critical');
  });

  it('says what is missing in the title', () => {
    const desk = new Desk();
    desk.add(anomaly(0, [], { missing: [uncharged] }));
    const id = desk.add(anomaly(1_000, [], { missing: [uncharged] }));
    expect(desk.open.get(id ?? '')?.title).toBe(
      'payment: 2 abnormal sessions without “charge captured”',
    );
  });

  it('keeps what people and the root cause added', () => {
    const desk = new Desk();
    const id = desk.add(anomaly(0, diskFull, { pValue: 1e-8 })) ?? '';
    const incident = desk.open.get(id);
    const topCause = { service: 'db-proxy', title: 'disk full', score: 0.8 };
    if (incident) desk.open.set(id, { ...incident, isAcknowledged: true, topCause });
    desk.add(anomaly(1_000, diskFull));
    expect(desk.open.get(id)).toMatchObject({ isAcknowledged: true, topCause, anomalyCount: 2 });
  });

  it('goes on after a restart as if nothing had happened', () => {
    const steps = [providerTimeout, diskFull, providerTimeout, diskFull, diskFull, badDeploy];
    const through = new Desk();
    let restarted = new Desk();
    for (const [index, lines] of steps.entries()) {
      const one = anomaly(index * 1_000, lines);
      through.add(one);
      const copy = JSON.parse(JSON.stringify(restarted.grouper.snapshot())) as unknown;
      const next = new Desk(IncidentGrouper.restore(copy, SETTINGS));
      for (const [id, incident] of restarted.open) next.open.set(id, incident);
      restarted = next;
      restarted.add(one);
    }
    const titles = (desk: Desk) => [...desk.open.values()].map(({ title }) => title);
    expect(titles(restarted)).toEqual(titles(through));
  });

  it('extends an incident of which only the document is left', () => {
    const desk = new Desk();
    const id = desk.add(anomaly(0, diskFull, { pValue: 1e-8 }));
    const other = new Desk();
    for (const [key, incident] of desk.open) other.open.set(key, incident);
    expect(other.add(anomaly(2_000, diskFull))).toBe(id);
  });

  it('refuses a state that is not its own', () => {
    expect(() => IncidentGrouper.restore({ version: 2 }, SETTINGS)).toThrow(SnapshotFailure);
  });

  it('makes one incident of all that is unusual in a minute, and says which way', () => {
    const desk = new Desk();
    const id = desk.add(
      minuteOf(0, [
        { service: 'cart', text: 'cart loaded', count: 37 },
        { service: 'payment', text: 'charge captured', count: 0 },
      ]),
    );
    expect(desk.open.get(id ?? '')).toMatchObject({
      title: 'cart: more than usual of “cart loaded”',
      openedAt: 0,
      lastSeenAt: 59_999,
      anomalyCount: 1,
      services: ['cart', 'payment'],
      culprits: [
        { templateId: 'cart loaded', isMissing: false },
        { templateId: 'charge captured', isMissing: true },
      ],
    });
  });

  it('lets a minute wait whose rates are hardly unusual', () => {
    const desk = new Desk();
    const rates = [{ service: 'cart', text: 'beat', count: 0 }];
    expect(desk.add(minuteOf(0, rates, { pValue: 1e-4 }))).toBeUndefined();
  });

  it('keeps minutes on end together, and the same minute of two partitions', () => {
    const desk = new Desk();
    const silence = [{ service: 'cart', text: 'beat', count: 0 }];
    const first = desk.add(minuteOf(0, silence));
    expect(desk.grouper.closeIdle(120_000 + 100_000, [...desk.open.values()])).toEqual([]);
    expect(desk.add(minuteOf(60_000, silence))).toBe(first);
    const other = minuteOf(60_000, [{ service: 'depot', text: 'parcel', count: 90 }]);
    expect(desk.add(other)).toBe(first);
    expect(desk.open.get(first ?? '')?.title).toBe('cart: less than usual of “beat”');
  });

  it('puts the rates that a fault changes to the fault', () => {
    const desk = new Desk();
    desk.add(anomaly(30_000, diskFull));
    const id = desk.add(anomaly(32_000, diskFull));
    const rates = [{ service: 'db-proxy', text: 'row written', count: 0 }];
    expect(desk.add(minuteOf(0, rates))).toBe(id);
    expect(desk.open.get(id ?? '')?.title).toContain('2 abnormal sessions');
  });

  it('opens nothing for the rates of a fault that has passed, and something for what comes after', () => {
    const desk = new Desk();
    desk.add(anomaly(30_000, diskFull));
    desk.add(anomaly(32_000, diskFull));
    const closed = desk.grouper.closeIdle(80_001, [...desk.open.values()]);
    expect(closed).toHaveLength(1);
    desk.open.clear();
    const later = new Desk(IncidentGrouper.restore(desk.grouper.snapshot(), SETTINGS));
    const rates = [{ service: 'db-proxy', text: 'row written', count: 0 }];
    expect(later.add(minuteOf(0, rates))).toBeUndefined();
    expect(later.add(minuteOf(60_000, rates))).toBeDefined();
  });
});
