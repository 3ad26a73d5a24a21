import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.js';
import { DashboardPage } from './dashboard-page.js';

/** The page itself, the same for everybody: what it shows it asks the API for, which knows who asks. */
@ApiExcludeController()
@Public()
@Controller()
export class DashboardController {
  constructor(private readonly page: DashboardPage) {}

  @Get(['', 'invitation', 'settings', 'settings/*path'])
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(): string {
    return this.page.html;
  }
}
