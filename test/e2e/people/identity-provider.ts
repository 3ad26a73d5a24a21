import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** What the provider says of somebody. */
export interface Claims {
  readonly email?: string;
  readonly email_verified?: boolean;
}

const CLIENT = { client_id: 'mintmark', client_secret: 'registered-secret' } as const;

/** An OpenID provider on a port of this machine, where whoever types a name is signed in by it. */
export class TestIdentityProvider {
  readonly people = new Map<string, Claims>();
  #handler: RequestListener = (_, response) => void response.writeHead(503).end();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TestIdentityProvider> {
    const server = createServer();
    const provider = new TestIdentityProvider(server);
    server.on('request', (request, response) => provider.#handler(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What an admin is configured with to sign people in here. */
  get environment(): Readonly<Record<string, string>> {
    return {
      MINTMARK_OIDC_ISSUER: this.issuer,
      MINTMARK_OIDC_CLIENT_ID: CLIENT.client_id,
      MINTMARK_OIDC_CLIENT_SECRET: CLIENT.client_secret,
    };
  }

  /** Before this call it answers everything with 503. */
  serve(redirectUri: string): void {
    const configuration: Configuration = {
      clients: [{ ...CLIENT, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      pkce: { required: () => true },
      cookies: { keys: ['for a test'] },
      findAccount: (_, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.people.get(accountId) }),
      }),
    };
    const handle = new Provider(this.issuer, configuration).callback();
    this.#handler = (request, response) => void handle(request, response);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

/** Follows redirects with cookies, as a browser does, and fills in the forms of the provider. */
export class Wanderer {
  readonly #cookies = new Map<string, string>();

  /** One request, no redirect followed. */
  async go(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const { host } = new URL(url);
    const cookie = [...this.#cookies].flatMap(([name, value]) => (name.startsWith(`${host} `) ? [value] : [])).join('; ');
    const body = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
    const answer = await fetch(url, { ...body, headers: { cookie }, redirect: 'manual' });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const name = `${host} ${pair.split('=')[0]}`;
      if (/expires=Thu, 01 Jan 1970/i.test(set)) this.#cookies.delete(name);
      else this.#cookies.set(name, pair);
    }
    return answer;
  }

  /** Where an answer leads to. */
  static next(answer: Response, from: string): string {
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`no redirect from ${from}: ${answer.status}`);
    return new URL(location, from).href;
  }

  /** From an address to the first one that begins with `until`, signing in at the provider as `subject` on the way. */
  async signInAs(subject: string, from: string, until: string): Promise<string> {
    let url = from;
    for (let step = 0; step < 20; step += 1) {
      if (url.startsWith(until)) return url;
      const answer = await this.go(url);
      if (answer.status >= 300 && answer.status < 400) {
        url = Wanderer.next(answer, url);
        continue;
      }
      const page = await answer.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      if (prompt === undefined) throw new Error(`${url} answered ${answer.status}: ${page.slice(0, 300)}`);
      url = Wanderer.next(await this.go(url, { prompt, login: subject, password: 'any' }), url);
    }
    throw new Error('led in a circle');
  }
}
