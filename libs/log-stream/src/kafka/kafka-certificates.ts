import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectPlainly, isIP } from 'node:net';
import { connect, createSecureContext, type SecureContextOptions } from 'node:tls';
import type { KafkaConfig } from '@logbert/contracts';
import type { ISocketFactory } from 'kafkajs';
import { BrokerSetupFailure } from '../log-stream-failures';

type CertificateFiles = KafkaConfig['tls'];

const KEEP_ALIVE_DELAY_MS = 60_000;
const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/u;

/** Sockets over TLS with the certificates of the configuration, read at each connection: one that cannot be read is one that fails. */
export function certifiedSockets(files: CertificateFiles): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    // Typed as always there, but undefined where the client library speaks plainly.
    const options: unknown = ssl;
    const socket = options
      ? connect(
          { host, port, ...(isIP(host) ? {} : { servername: host }), ...readCertificates(files) },
          onConnect,
        )
      : connectPlainly({ host, port }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  };
}

/**
 * For the start: a file that is cut off, or a key of another certificate, is told then, not as a broker that does not answer.
 *
 * @throws BrokerSetupFailure when there is a file that cannot be used
 */
export function checkCertificates(files: CertificateFiles): void {
  const certificates = readCertificates(files);
  try {
    createSecureContext(certificates);
    if (certificates.ca) requireAuthorities(certificates.ca.toString());
  } catch (error) {
    throw new BrokerSetupFailure(
      `The certificates of logStream.kafka.tls cannot be used: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** OpenSSL takes what it understands of such a file, be it nothing; there may be other things than certificates in it. */
function requireAuthorities(pem: string): void {
  const blocks = pem.split(/(?=-----BEGIN )/u).filter((block) => CERTIFICATE.test(block));
  if (blocks.length === 0) throw new Error('caFile has no certificate in PEM');
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (error) {
      const which = `certificate ${index + 1} of ${blocks.length}`;
      throw new Error(`caFile, ${which}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function readCertificates(files: CertificateFiles): SecureContextOptions {
  const { caFile, certificateFile, keyFile, keyPassphrase } = files;
  return {
    ...(caFile === null ? {} : { ca: readPem('caFile', caFile) }),
    ...(certificateFile === null ? {} : { cert: readPem('certificateFile', certificateFile) }),
    ...(keyFile === null ? {} : { key: readPem('keyFile', keyFile) }),
    ...(keyPassphrase === null ? {} : { passphrase: keyPassphrase }),
  };
}

function readPem(key: keyof CertificateFiles, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BrokerSetupFailure(`logStream.kafka.tls.${key} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
