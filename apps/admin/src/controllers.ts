import { AccountsController } from './accounts/accounts.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { KeyFormatsController } from './catalogue/key-formats.controller.js';
import { PolicyController } from './catalogue/policy.controller.js';
import { ProductsController } from './catalogue/products.controller.js';
import { ScopeTemplatesController } from './catalogue/scope-templates.controller.js';
import { ScopesController } from './catalogue/scopes.controller.js';
import { DashboardController } from './dashboard/dashboard.controller.js';
import { ImportController } from './import/import.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { MatchingController } from './keys/matching.controller.js';
import { RotationController } from './keys/rotation.controller.js';
import { SelfController } from './keys/self.controller.js';
import { LeaksController } from './leaks/leaks.controller.js';
import { AuthController } from './people/auth.controller.js';
import { OidcController } from './people/oidc/oidc.controller.js';
import { InvitationsController } from './people/invitations.controller.js';
import { MembersController } from './people/members.controller.js';
import { SessionsController } from './people/sessions.controller.js';
import { SetUpPageController } from './setup/set-up-page.controller.js';
import { SetUpController } from './setup/setup.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { WebhookDeliveriesController } from './webhooks/webhook-deliveries.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Every controller of the admin; that of `keys/self` stands before that of `keys/{id}`. */
export const CONTROLLERS = [
  SelfController,
  ImportController,
  KeysController,
  RotationController,
  MatchingController,
  UsageController,
  AuthController,
  OidcController,
  SessionsController,
  InvitationsController,
  MembersController,
  AccountsController,
  LeaksController,
  AuditController,
  SetUpController,
  KeyFormatsController,
  PolicyController,
  ProductsController,
  ScopesController,
  ScopeTemplatesController,
  WebhooksController,
  WebhookDeliveriesController,
  SetUpPageController,
  DashboardController,
];
