import {
  type ClassProvider,
  type DynamicModule,
  type ExistingProvider,
  type FactoryProvider,
  Module,
  type ModuleMetadata,
  type Provider,
  type ValueProvider,
} from '@nestjs/common';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { GrpcTokenVerifier } from './grpc/grpc-token-verifier.js';
import { GUARD_OPTIONS, type GuardOptions, type VerifierOptions } from './options.js';
import { RouteRules } from './route-rules.js';
import { TokenVerifier } from './token-verifier.js';

/** Another way to verify than asking a verifier over gRPC: any provider of a {@link TokenVerifier}, `provide` left out. */
export interface OwnVerifier extends Pick<ModuleMetadata, 'imports'> {
  readonly verifier:
    | Omit<ClassProvider<TokenVerifier>, 'provide'>
    | Omit<ValueProvider<TokenVerifier>, 'provide'>
    | Omit<FactoryProvider<TokenVerifier>, 'provide'>
    | Omit<ExistingProvider<TokenVerifier>, 'provide'>;
}

export type ApiKeyModuleOptions = GuardOptions & (VerifierOptions | OwnVerifier);

/** Options that are made from other providers; their verifier, where it is one's own, stands beside the factory. */
export type ApiKeyModuleAsyncOptions = AsyncOptions<GuardOptions & VerifierOptions> | (AsyncOptions<GuardOptions> & OwnVerifier);

interface AsyncOptions<Options> extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider, 'inject'> {
  readonly useFactory: (...dependencies: never[]) => Options | Promise<Options>;
}

/** Gives {@link ApiKeyGuard} to every module of an app. */
@Module({})
export class ApiKeyModule {
  static forRoot(options: ApiKeyModuleOptions): DynamicModule {
    return moduleOf({ provide: GUARD_OPTIONS, useValue: options }, 'verifier' in options ? options : null);
  }

  static forRootAsync(options: ApiKeyModuleAsyncOptions): DynamicModule {
    const { useFactory, inject = [], imports = [] } = options;
    const own = 'verifier' in options ? options : null;
    return { ...moduleOf({ provide: GUARD_OPTIONS, useFactory, inject }, own), imports };
  }
}

function moduleOf(options: Provider, own: OwnVerifier | null): DynamicModule {
  const exported = [TokenVerifier, GUARD_OPTIONS, ApiKeyAuthenticator, RouteRules, ApiKeyGuard];
  return {
    module: ApiKeyModule,
    global: true,
    imports: own?.imports ?? [],
    providers: [options, verifierProvider(own), ApiKeyAuthenticator, ApiKeyStrategy, RouteRules, ApiKeyGuard],
    exports: exported,
  };
}

function verifierProvider(own: OwnVerifier | null): Provider {
  if (own !== null) return { provide: TokenVerifier, ...own.verifier };
  return {
    provide: TokenVerifier,
    useFactory: (options: VerifierOptions) => new GrpcTokenVerifier(options),
    inject: [GUARD_OPTIONS],
  };
}
