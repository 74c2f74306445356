// Certificates of an authority of its own, for a broker that is thrown away: never for one that is not.
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './throw-away-service.mjs';

/** What clients of such a broker say; secret to nobody. */
export const SECRETS = { user: 'logbert', password: 'open-sesame', passphrase: 'open-sesame' };

/**
 * Makes `ca.pem`, `server.pem`, `client.pem` and `client-key.pem` (encrypted) in a folder, with OpenSSL, and `other-ca.pem`, of an
 * authority that has signed none of them.
 * @returns the files that a broker needs
 */
export async function makeCertificates(folder) {
  mkdirSync(folder, { recursive: true });
  const file = (name) => join(folder, name);
  const make = (name, subject, ...options) =>
    run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-days', '2', '-subj', `/CN=${subject}`],
      ...['-keyout', file(`${name}-key.pem`), '-out', file(`${name}.pem`), ...options],
    ]);
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem')];
  await make('ca', 'an authority for tests', '-noenc');
  await make('other-ca', 'another authority for tests', '-noenc');
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  await make('server', 'localhost', '-noenc', ...signed, '-addext', names);
  await make('client', 'logbert', '-passout', `pass:${SECRETS.passphrase}`, ...signed);
  const serverStore = file('server-store.pem');
  const parts = ['server-key.pem', 'server.pem'].map((name) => readFileSync(file(name), 'utf8'));
  writeFileSync(serverStore, parts.join(''));
  return { authority: file('ca.pem'), serverStore };
}
