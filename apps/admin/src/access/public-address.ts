/** Where people reach the admin: what the configuration says, else the address that it listens on. */
export class PublicAddress {
  #url: URL | null;

  constructor(configured: string | undefined) {
    this.#url = configured === undefined ? null : new URL(configured);
  }

  /** Called once it listens; what the configuration says stays. */
  listensAt(url: string): void {
    this.#url ??= new URL(url);
  }

  /** Without a slash at its end. */
  get url(): string {
    return this.known.href.replace(/\/$/, '');
  }

  /** As browsers write it in `Origin` (RFC 6454, section 6.1). */
  get origin(): string {
    return this.known.origin;
  }

  get isHttps(): boolean {
    return this.#url?.protocol === 'https:';
  }

  private get known(): URL {
    if (this.#url === null) throw new Error('the public address is known only once the admin listens');
    return this.#url;
  }
}
