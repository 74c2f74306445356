import type { DemoFaultName } from '@logbert/contracts';
import type { ShopService } from './shop-line';

interface FaultDescription {
  readonly title: string;
  /** The service the fault is planted in. */
  readonly service: ShopService;
}

export const SHOP_FAULTS: Readonly<Record<DemoFaultName, FaultDescription>> = {
  'dependency-timeout': { title: 'Payment provider times out', service: 'payment' },
  'disk-full': { title: 'Database disk is full', service: 'db-proxy' },
  'bad-deploy': { title: 'Bad deploy of the catalogue', service: 'catalogue' },
  'credential-failures': { title: 'Burst of failed logins', service: 'gateway' },
  'silent-drop': { title: 'Orders are not charged', service: 'payment' },
};
