import type { Incident } from '@logbert/contracts';
import type { Fingerprint, IncidentRepository, IncidentState } from '@logbert/database';

/** The incidents of one transaction: each is read once, and those that have changed since they were last saved are written together. */
export class IncidentDesk {
  private readonly known = new Map<string, Incident>();
  private readonly waiting = new Map<string, IncidentState>();

  constructor(private readonly incidents: IncidentRepository) {}

  /** Open incidents of the stream, oldest first, as the database has them. */
  async open(stream: string): Promise<readonly Incident[]> {
    const open = await this.incidents.open(stream);
    for (const incident of open) this.known.set(incident.id, incident);
    return open;
  }

  /** Those of the ids that are kept, as they are now, in the order of the ids. */
  async findAll(ids: readonly string[]): Promise<readonly Incident[]> {
    const unknown = ids.filter((id) => !this.known.has(id));
    for (const [id, incident] of await this.incidents.findAll(unknown)) {
      this.known.set(id, incident);
    }
    return ids.flatMap((id) => this.known.get(id) ?? []);
  }

  /** Has the incident written as it is now; without a fingerprint the one before stays. */
  put(incident: Incident, fingerprint?: Fingerprint): void {
    this.known.set(incident.id, incident);
    const kept = fingerprint ?? this.waiting.get(incident.id)?.fingerprint;
    this.waiting.set(incident.id, { incident, fingerprint: kept });
  }

  /** Writes what waits. */
  async save(): Promise<void> {
    await this.incidents.saveAll([...this.waiting.values()]);
    this.waiting.clear();
  }
}
