import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';

@Entity('people')
@Unique(['emailFolded'])
export class PersonEntity {
  @PrimaryColumn(ID)
  id!: string;

  /** As the person writes it. */
  @Column('text')
  email!: string;

  /** By which the person is found: the result of `foldEmail`. */
  @Column('text')
  emailFolded!: string;

  /** In the PHC string format, with algorithm and parameters. Null: they sign in at an identity provider alone. */
  @Column('text', { nullable: true })
  passwordHash!: string | null;

  /** May act across accounts. */
  @Column('boolean', { default: false })
  operator!: boolean;

  @Column(WRITTEN_AT)
  createdAt!: Date;
}
