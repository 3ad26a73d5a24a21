import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { KEY_SCHEME, SESSION_SCHEME } from '../access/access.decorators.js';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import { IDEMPOTENCY_KEY } from '../http/idempotency.interceptor.js';

type Converter = NonNullable<NonNullable<Parameters<typeof SwaggerModule.createDocument>[2]>['standardSchemaConverter']>;

const KEY_DESCRIPTION = "A key with the one of Mintmark's own scopes that the route needs; about itself, any key.";

/** Describes the API from its routes and the schemas that check them. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Mintmark admin')
    .setDescription('Issues API keys and takes them out of use.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setOpenAPIVersion('3.1.0')
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE }, SESSION_SCHEME)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: KEY_DESCRIPTION }, KEY_SCHEME)
    .build();
  const document = SwaggerModule.createDocument(app, about, { standardSchemaConverter: schemaOf });
  for (const { post } of Object.values(document.paths)) {
    if (post?.security !== undefined) post.parameters = [...(post.parameters ?? []), ONCE];
  }
  return document;
}

const ONCE = {
  name: IDEMPOTENCY_KEY,
  in: 'header',
  required: false,
  description: 'Carried out once under one key: a repetition is answered as before, or 409 where that held a secret.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** Serves the document, and the pages to read it and to try it. */
export function serveDocument(app: NestExpressApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Mintmark API',
  });
}

/** Schemas with an id become components; what JSON Schema can't say is left open. */
const schemaOf: Converter = (schema, { schemaType }) => {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { properties, $defs } = z.toJSONSchema(z.object({ schema }), {
    io: schemaType,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => dropImpossible(jsonSchema),
  });
  return { schema: properties?.['schema'] as object, components: ($defs ?? {}) as Record<string, object> };
};

/** Fields that are known only to be refused are not shown. */
function dropImpossible(schema: z.core.JSONSchema.BaseSchema): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (typeof field === 'object' && field.not !== undefined) delete schema.properties?.[name];
  }
}
