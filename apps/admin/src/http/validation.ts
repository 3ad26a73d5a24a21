import { Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { type InputFault, InvalidRequestError } from '#libs/key-domain';

type Issue = Parameters<
  NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory'] & object
>[0][number];

/** Checks bodies, queries and parameters against the schemas that stand beside them in the controllers. */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new InvalidRequestError(issues.flatMap(faultsOf)) });
  }

  /** Nothing is removed in silence: a strict schema names what it does not know, and metadata may have any names. */
  protected override stripProtoKeys(): void {}
}

function faultsOf(issue: Issue): InputFault[] {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  const unknown = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : [];
  if (unknown.length === 0) return [{ path: path.join('.'), message: issue.message }];
  return unknown.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field.' }));
}
