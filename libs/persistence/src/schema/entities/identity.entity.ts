import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';
import { PersonEntity } from './person.entity.js';

/** A person as an identity provider names them; each provider knows a person by one name. */
@Entity('identities')
@Unique(['personId', 'issuer'])
export class IdentityEntity {
  @PrimaryColumn(ID)
  issuer!: string;

  @PrimaryColumn(ID)
  subject!: string;

  @Column(ID)
  personId!: string;

  @Column(WRITTEN_AT)
  linkedAt!: Date;

  @ManyToOne(() => PersonEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'person_id' })
  person!: Relation<PersonEntity>;
}
