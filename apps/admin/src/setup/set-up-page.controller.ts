import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SetUp } from '#libs/lifecycle';
import { Public } from '../access/access.decorators.js';
import { SETUP_HTML } from './page/setup.html.js';
import { SETUP_SCRIPT } from './page/setup.script.js';
import { DONE_HTML } from './page/done.html.js';
import { STYLE } from './page/style.js';

const HTML = 'text/html; charset=utf-8';

/** The page that sets an installation up. */
@ApiExcludeController()
@Public()
@Controller()
export class SetUpPageController {
  constructor(private readonly setUp: SetUp) {}

  @Get('setup')
  @Header('Content-Type', HTML)
  async page(): Promise<string> {
    return (await this.setUp.isDone()) ? DONE_HTML : SETUP_HTML;
  }

  @Get('setup/page.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return SETUP_SCRIPT;
  }

  @Get('setup/page.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return STYLE;
  }
}
