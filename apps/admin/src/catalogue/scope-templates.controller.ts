import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { SCOPE_TEMPLATES, TEMPLATE_NAMES } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { Answers } from '../openapi/answers.decorator.js';
import { scopeTemplateList } from './catalogue-schemas.js';

/** Scopes that other systems have, ready to be offered. */
@ApiTags('catalogue')
@Controller('api/v1/scope-templates')
export class ScopeTemplatesController {
  @Get()
  @Requires('account:read')
  @ApiOperation({ summary: 'List the templates of scopes: all of them, on one page' })
  @Answers({ description: 'The templates', schema: scopeTemplateList, errors: [401, 403] })
  list() {
    return { data: TEMPLATE_NAMES.map((name) => ({ name, scopes: SCOPE_TEMPLATES[name] })), nextCursor: null };
  }
}
