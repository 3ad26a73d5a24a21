import { Client, credentials, Metadata, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Installation, startInstallation } from './installation.js';
import { failureOf } from './outside-client.js';

const SERVICE = 'mintmark.v1.TokenVerifierService';
const resolve = createRequire(import.meta.url).resolve;
const PROTOS = {
  health: join(dirname(resolve('grpc-health-check/package.json')), 'proto/health/v1/health.proto'),
  reflection: join(dirname(resolve('@grpc/reflection/package.json')), 'build/proto/grpc/reflection'),
};

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

describe('without a credential', () => {
  let installation: Installation;
  let client: Client;

  beforeAll(async () => {
    installation = await startInstallation();
    client = new Client(installation.stack.verifierGrpc, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await installation.stop();
  });

  const check = (service: string) => {
    const method = methodOf(PROTOS.health, 'grpc.health.v1.Health', 'Check');
    return new Promise((found, failed) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        { service },
        new Metadata(),
        (error, answer) => {
          if (error === null) found(answer);
          else failed(error);
        },
      );
    });
  };

  test.each(['', SERVICE])('health says that %p serves', async (service) => {
    expect(await check(service)).toEqual({ status: 'SERVING' });
  });

  test('health knows no other service', async () => {
    expect(await failureOf(check('no.such.Service'))).toMatchObject({ status: 'NOT_FOUND' });
  });

  test.each(['v1', 'v1alpha'])('reflection %s lists the services and hands out the contract', async (version) => {
    const method = methodOf(
      join(PROTOS.reflection, version, 'reflection.proto'),
      `grpc.reflection.${version}.ServerReflection`,
      'ServerReflectionInfo',
    );
    const stream = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, new Metadata());
    const ask = async (request: object) => {
      stream.write(request);
      const [answer] = (await once(stream, 'data')) as [ReflectionAnswer];
      return answer;
    };
    expect(await ask({ listServices: '' })).toMatchObject({
      listServicesResponse: { service: expect.arrayContaining([{ name: SERVICE }, { name: 'grpc.health.v1.Health' }]) },
    });
    const { fileDescriptorResponse } = await ask({ fileContainingSymbol: SERVICE });
    expect(Buffer.concat(fileDescriptorResponse?.fileDescriptorProto ?? []).includes('token_sha256')).toBe(true);
    stream.end();
    await once(stream, 'end');
  });
});

function methodOf(file: string, service: string, name: string) {
  const method = (loadSync(file, { enums: String })[service] as ServiceDefinition)[name];
  if (method === undefined) throw new Error(`no ${name} in ${file}`);
  return method;
}
