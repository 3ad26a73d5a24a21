import { Controller, Get } from '@nestjs/common';
import { ErrorFormat, RequireScopes } from '#libs/api-key-auth';

interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** How Keymint's API wraps what it answers. */
interface KeymintAnswer<Data> {
  readonly action: string;
  readonly status: true;
  readonly data: Data;
  readonly code: 0;
}

const CUSTOMERS: readonly Customer[] = [
  { id: 'cus_1', name: 'Ada Cooper', email: 'ada@example.com' },
  { id: 'cus_2', name: 'Ben Okoro', email: 'ben@example.com' },
];

/** An API in Keymint's manner. */
@ErrorFormat('keymint')
@RequireScopes('customers:read')
@Controller('customer')
export class CustomersController {
  @Get()
  list(): KeymintAnswer<readonly Customer[]> {
    return { action: 'getCustomers', status: true, data: CUSTOMERS, code: 0 };
  }
}
