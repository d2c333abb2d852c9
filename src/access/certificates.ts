/** X.509 certificates of a fleet: one authority signs one for every node. P-256 keys, ECDSA with SHA-256. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const KEY = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** Clocks of machines in streets differ. */
const BACKDATED_MS = 5 * 60_000

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** What a certificate of a node says. */
export interface NodeSubject {
  readonly name: string
  /** The tier; stands in the certificate as organisational unit. */
  readonly tier: string
  /** Host names and IP addresses that the node is reached at. */
  readonly addresses: readonly string[]
}

/** Of a certificate, from one time to another. */
export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

/** The certificate of a new authority: it signs nodes' certificates, and no other authority's. */
export async function createAuthority({ fromMs, untilMs }: Validity): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: ['Tierwise fleet authority'] }, { O: ['Tierwise'] }],
      notBefore: new Date(fromMs - BACKDATED_MS),
      notAfter: new Date(untilMs),
      signingAlgorithm: KEY,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

/** A node's certificate, for both ends of a connection. */
export async function issueCertificate(
  authority: KeyPair,
  { name, tier, addresses }: NodeSubject,
  { fromMs, untilMs }: Validity,
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate)
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [name] }, { OU: [tier] }, { O: ['Tierwise'] }],
      issuer: issuer.subjectName,
      notBefore: new Date(fromMs - BACKDATED_MS),
      notAfter: new Date(untilMs),
      publicKey: keys.publicKey,
      signingKey: await importedKey(authority.key),
      signingAlgorithm: KEY,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension(addresses.map(alternativeName)),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

function alternativeName(address: string): x509.JsonGeneralName {
  const isIp = /^[\d.]+$|:/.test(address)
  return { type: isIp ? 'ip' : 'dns', value: address }
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

function importedKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), KEY, false, [
    'sign',
  ])
}
