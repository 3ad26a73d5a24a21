import type { HeardInquiries, MadeInquiries, MemberRegistry } from '#libs/coherence';
import type { SimProcess } from '../engine/process.js';
import { RegistryModel } from '../registry-model.js';
import type { PostgresServer } from './postgres-server.js';

/** The registry and its inquiries in Postgres, asked over the network. What is committed there is never lost. */
export class RegistryServer {
  readonly #model = new RegistryModel();

  constructor(private readonly postgres: PostgresServer) {}

  registryFor(client: SimProcess): MemberRegistry {
    return {
      record: (id, former) => this.#commit(client, () => this.#model.record(id, former)),
      remove: (id) =>
        this.#commit(client, () => {
          this.#model.remove(id);
        }),
      ids: () =>
        this.postgres.logStatement(client, () => {
          const read = this.#model.ids();
          return () => read;
        }),
    };
  }

  inquiriesFor(client: SimProcess): HeardInquiries & MadeInquiries {
    const { postgres } = this;
    const members = () =>
      postgres.logStatement(client, () => {
        const read = this.#model.members();
        return () => read;
      });
    return {
      members,
      publish: async (change) => {
        const number = await this.#commit(client, () => {
          postgres.notify('inquired');
          return this.#model.publish(change).number;
        });
        return { ...(await members()), number };
      },
      exchange: (id, progress, isNews) =>
        postgres.logStatement(client, () => {
          const { head } = this.#model;
          return () => {
            if (isNews) postgres.notify('answered');
            return this.#model.exchange(id, progress, isNews, head);
          };
        }),
      onPublished: (listener) => {
        postgres.listen({ process: client, channel: 'inquired', listener });
      },
      onProgress: (listener) => {
        postgres.listen({ process: client, channel: 'answered', listener });
      },
    };
  }

  #commit<T>(client: SimProcess, work: () => T): Promise<T> {
    return this.postgres.logStatement(client, () => work);
  }
}
