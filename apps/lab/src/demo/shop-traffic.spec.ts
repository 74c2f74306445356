import { DEMO_FAULTS, type DemoFaultName } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { SHOP_SERVICES } from './shop-line';
import { type ShopLine, ShopTraffic } from './shop-traffic';

const START_MS = Date.UTC(2026, 0, 5, 8);
const SECOND_MS = 1_000;

function linesOf(seconds: number, fault?: DemoFaultName, seed = 7): readonly ShopLine[] {
  const traffic = new ShopTraffic({ seed, startMs: START_MS });
  if (fault !== undefined) traffic.begin(fault);
  return traffic.until(START_MS + seconds * SECOND_MS);
}

function sessions(lines: readonly ShopLine[]): readonly (readonly ShopLine[])[] {
  const byId = new Map<string, ShopLine[]>();
  for (const line of lines) {
    const session = byId.get(line.requestId) ?? [];
    session.push(line);
    byId.set(line.requestId, session);
  }
  return [...byId.values()];
}

/** Messages with every word that holds a digit left out: what stays is the statement in the program. */
function shapes(lines: readonly ShopLine[]): ReadonlySet<string> {
  return new Set(
    lines.map(({ service, message }) => `${service} ${message.replace(/\S*\d\S*/g, '#')}`),
  );
}

describe('ShopTraffic', () => {
  it('gives the same lines for the same seed, however often the clock is moved', () => {
    const traffic = new ShopTraffic({ seed: 7, startMs: START_MS });
    const inSteps = [];
    for (let second = 1; second <= 60; second++) {
      inSteps.push(...traffic.until(START_MS + second * SECOND_MS));
    }
    expect(inSteps.map(({ text }) => text)).toEqual(linesOf(60).map(({ text }) => text));
  });

  it('gives other lines for another seed', () => {
    expect(linesOf(10, undefined, 8)[0]?.text).not.toBe(linesOf(10)[0]?.text);
  });

  it('writes 25 to 40 lines a second, in order of time, from all five services', () => {
    const lines = linesOf(720);
    expect(lines.length / 720).toBeGreaterThan(25);
    expect(lines.length / 720).toBeLessThan(40);
    expect(
      lines.every(({ atMs }, index) => index === 0 || atMs >= (lines[index - 1]?.atMs ?? 0)),
    ).toBe(true);
    expect(new Set(lines.map(({ service }) => service))).toEqual(new Set(SHOP_SERVICES));
  });

  it('writes three formats and the request id into every line', () => {
    for (const { text, service, requestId } of linesOf(60)) {
      expect(text).toContain(requestId);
      if (service === 'gateway' || service === 'catalogue') {
        expect(JSON.parse(text)).toMatchObject({ request_id: requestId, service });
      } else if (service === 'db-proxy') {
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\S+Z [A-Z]+ db-proxy: .* \(req-[0-9a-f]{12}\)$/);
      } else {
        expect(text).toMatch(
          /^time=\S+ level=\w+ service=\w+ request_id=req-[0-9a-f]{12} msg=".*"$/,
        );
      }
    }
  });

  it('lets requests overlap', () => {
    const lines = linesOf(60);
    const switches = lines.filter(
      ({ requestId }, index) => lines[index + 1]?.requestId !== requestId,
    );
    expect(switches.length).toBeGreaterThan(2 * sessions(lines).length * 0.6);
  });

  it('never pauses within a request for as long as an idle session needs to close', () => {
    for (const fault of [undefined, ...DEMO_FAULTS]) {
      for (const session of sessions(linesOf(120, fault))) {
        session.forEach(({ atMs }, index) => {
          expect(atMs - (session[index - 1]?.atMs ?? atMs)).toBeLessThan(2_000);
        });
      }
    }
  });

  it.each([
    ['dependency-timeout', 'payment', /timed out/],
    ['disk-full', 'db-proxy', /no space left on device/],
    ['bad-deploy', 'catalogue', /TypeError/],
    ['credential-failures', 'gateway', /too many failed logins from 203\.0\.113\.66/],
  ] as const)('shows %s first in %s', (fault, service, pattern) => {
    const known = shapes(linesOf(720));
    const strange = linesOf(20, fault).filter((line) => !known.has([...shapes([line])][0] ?? ''));
    expect(strange[0]?.service).toBe(service);
    expect(strange.some(({ message }) => pattern.test(message))).toBe(true);
  });

  it('lets the gateway answer 504 after the payment has timed out', () => {
    const session = sessions(linesOf(30, 'dependency-timeout')).find((lines) =>
      lines.some(({ message }) => message.includes('timed out')),
    );
    const services = session?.slice(-3).map(({ service }) => service);
    expect(services).toEqual(['cart', 'gateway', 'gateway']);
    expect(session?.at(-1)?.message).toContain('checkout failed with 504');
  });

  it('drops the charge silently: nothing odd appears, two lines stay away', () => {
    const known = shapes(linesOf(720));
    const lines = linesOf(120, 'silent-drop');
    expect([...shapes(lines)].filter((shape) => !known.has(shape))).toEqual([]);
    const paid = sessions(lines).filter((session) =>
      session.some(({ message }) => message.includes('closed after checkout')),
    );
    expect(paid.length).toBeGreaterThan(5);
    for (const session of paid) {
      expect(session.some(({ message }) => /charge captured|receipt/.test(message))).toBe(false);
    }
  });

  it('is back to normal when a fault ends', () => {
    const traffic = new ShopTraffic({ seed: 7, startMs: START_MS });
    traffic.begin('disk-full');
    traffic.until(START_MS + 20 * SECOND_MS);
    traffic.end('disk-full');
    traffic.until(START_MS + 25 * SECOND_MS);
    const after = traffic.until(START_MS + 60 * SECOND_MS);
    expect(after.some(({ message }) => message.includes('no space left'))).toBe(false);
  });
});
