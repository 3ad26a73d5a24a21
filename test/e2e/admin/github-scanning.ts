import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stack } from '../../support/stack.js';

export interface GithubKey {
  readonly key_identifier: string;
  /** PEM. */
  readonly key: string;
  readonly is_current: boolean;
}

export interface ReportAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Secret scanning as GitHub does it: it publishes its keys, and signs what it reports. */
export class GithubScanning {
  private constructor(
    private readonly server: Server,
    readonly keysUrl: string,
    private readonly privateKey: KeyObject,
  ) {}

  /** @param others which it publishes beside its own */
  static async start(others: readonly GithubKey[] = []): Promise<GithubScanning> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const own = { key_identifier: 'own', key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: true };
    const list = { public_keys: [...others, own] };
    const server = createServer((_request, response) => response.end(JSON.stringify(list)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/meta/public_keys/secret_scanning`;
    return new GithubScanning(server, url, privateKey);
  }

  /** By the key that it calls `own`. */
  sign(body: string): string {
    return sign('sha256', Buffer.from(body), this.privateKey).toString('base64');
  }

  report(stack: Stack, matches: unknown): Promise<ReportAnswer> {
    const body = JSON.stringify(matches);
    return postReport(stack, body, {
      'Github-Public-Key-Identifier': 'own',
      'Github-Public-Key-Signature': this.sign(body),
    });
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export async function postReport(stack: Stack, body: string, headers: Readonly<Record<string, string>>): Promise<ReportAnswer> {
  const url = `${stack.adminUrl}/api/v1/leaks/github`;
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}
