import { Injectable } from '@nestjs/common';
import type { OpenInvitation } from '#libs/lifecycle';
import { PublicAddress } from '../access/public-address.js';
import { invitationView } from './member-schemas.js';

/** Writes the links of invitations. The token is in the fragment, which no server and no log ever gets to see. */
@Injectable()
export class InvitationLink {
  constructor(private readonly address: PublicAddress) {}

  of({ invitation, token }: OpenInvitation) {
    return { invitation: invitationView(invitation), link: `${this.address.url}/invitation#token=${token}` };
  }
}
