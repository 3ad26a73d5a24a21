import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A count of attempts to sign in, in the columns that rate-limiter-flexible reads and writes. */
@Entity('login_attempts')
@Index(['expire'])
export class LoginAttemptEntity {
  /** What is counted, hashed: neither addresses nor e-mail addresses stand here. */
  @PrimaryColumn('varchar', { length: 255 })
  key!: string;

  @Column('integer', { default: 0 })
  points!: number;

  /** When the count is forgotten, in milliseconds since the Unix epoch. */
  @Column('bigint', { nullable: true })
  expire!: string | null;
}
