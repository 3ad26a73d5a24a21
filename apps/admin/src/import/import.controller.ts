import { finished, Readable } from 'node:stream';
import { Controller, HttpCode, HttpStatus, Inject, Post, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ForbiddenError } from '#libs/key-domain';
import { type ImportLine, KeyImporting, type LineResult, type Principal } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { Requires } from '../access/access.decorators.js';
import { admitAgain, CurrentPrincipal } from '../access/authenticated.js';
import { RefusalRecord } from '../audit/refusal-record.js';
import { letStream } from '../http/arrival-limits.js';
import { isRefusal } from '../http/error-answer.js';
import { TellsRepetitions } from '../http/idempotency.interceptor.js';
import { JSON_LINES } from '../http/require-json.js';
import { Answers } from '../openapi/answers.decorator.js';
import { importAnswers } from './import-answers.js';
import { ImportPlaces } from './import-places.js';
import { lineBatches } from './line-batches.js';

/** Besides for each batch, whoever imports is looked at anew whenever so many milliseconds have passed. */
const LOOKED_AT_MS = 10_000;

/** Keys of former systems. */
@ApiTags('keys')
@Controller('api/v1/keys')
export class ImportController {
  constructor(
    private readonly importing: KeyImporting,
    private readonly places: ImportPlaces,
    private readonly refusals: RefusalRecord,
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
  @Answers({ description: 'For each line `{line, keyId, existing}` or `{line, error}`', errors: [401, 403, 429] })
  async import(
    @CurrentPrincipal() { accountId, origin }: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const leave = this.places.take(accountId);
    letStream(request);
    const { requestId } = origin;
    const answers = importAnswers(
      lineBatches(request),
      (lines, begins) => this.#import(request, lines, begins),
      (err) => {
        this.log.warn({ err, requestId }, 'an import ended early');
        void this.refusals.putDown(request, err);
      },
    );
    const first = answers.next();
    const looking = setInterval(() => void this.#lookAnew(request, response), LOOKED_AT_MS).unref();
    // However it ends, the place is free once nothing of the import goes on.
    finished(response, () => {
      clearInterval(looking);
      void answers.return(undefined).then(leave, leave);
    });
    return new StreamableFile(Readable.from(from(await first, answers), { objectMode: false }), { type: JSON_LINES });
  }

  /** Whoever may not import any more holds no place by sending what is no line, or by reading no answer. An outage is left to the next batch. */
  async #lookAnew(request: Request, response: Response): Promise<void> {
    await admitAgain(request).catch(async (error: unknown) => {
      if (!isRefusal(error)) return;
      response.destroy(); // once the request is whole, ending it would leave the connection
      await this.refusals.putDown(request, error);
    });
  }

  /** What is refused line by line is put down as what is refused as a whole: once for each reason, and counted from then on. */
  async #import(request: Request, lines: readonly ImportLine[], begins: boolean): Promise<readonly LineResult[]> {
    const principal = await admitAgain(request);
    if (lines.length === 0) return [];
    const results = await this.importing.import(principal, lines, begins);
    for (const result of results) if (result instanceof ForbiddenError) await this.refusals.putDown(request, result);
    return results;
  }
}

async function* from(first: IteratorResult<string, unknown>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
