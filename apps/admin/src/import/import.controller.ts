import { Readable } from 'node:stream';
import { Controller, HttpCode, HttpStatus, Inject, Post, Req, StreamableFile } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { KeyImporting, type Principal } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { Requires } from '../access/access.decorators.js';
import { admitAgain, CurrentPrincipal } from '../access/authenticated.js';
import { letStream } from '../http/arrival-limits.js';
import { TellsRepetitions } from '../http/idempotency.interceptor.js';
import { JSON_LINES } from '../http/require-json.js';
import { Answers } from '../openapi/answers.decorator.js';
import { importAnswers } from './import-answers.js';
import { lineBatches } from './line-batches.js';

/** Keys of former systems. */
@ApiTags('keys')
@Controller('api/v1/keys')
export class ImportController {
  constructor(
    private readonly importing: KeyImporting,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Post('import')
  @Requires('keys:write')
  @TellsRepetitions()
  @HttpCode(HttpStatus.OK)
  @ApiConsumes(JSON_LINES)
  @ApiProduces(JSON_LINES)
  @ApiOperation({
    summary: 'Import keys of a former system: one JSON object a line, and an answer a line, in order',
    description: 'What was answered is committed and in force. Sent again, a line answers with the key that it made.',
  })
  @Answers({ description: 'For each line `{line, keyId, existing}` or `{line, error}`', errors: [401, 403] })
  async import(@CurrentPrincipal() { origin }: Principal, @Req() request: Request): Promise<StreamableFile> {
    letStream(request);
    const { requestId } = origin;
    const answers = importAnswers(
      lineBatches(request),
      async (lines, begins) => this.importing.import(await admitAgain(request), lines, begins),
      (err) => this.log.warn({ err, requestId }, 'an import ended early'),
    );
    const first = await answers.next();
    return new StreamableFile(Readable.from(from(first, answers), { objectMode: false }), { type: JSON_LINES });
  }
}

async function* from(first: IteratorResult<string, unknown>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
