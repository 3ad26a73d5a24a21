/** A question about a token that waits for its answer. */
export interface UnderWay {
  /** Another answer about the token came first: this one may be older than that, whenever it comes. */
  isOvertaken: boolean;
}

/** Which tokens are being asked about, so that an answer that was long on its way does not undo a newer one. */
export class QuestionsUnderWay {
  readonly #byToken = new Map<string, Set<UnderWay>>();

  begin(tokenName: string): UnderWay {
    const question = { isOvertaken: false };
    const others = this.#byToken.get(tokenName);
    if (others === undefined) this.#byToken.set(tokenName, new Set([question]));
    else others.add(question);
    return question;
  }

  /** An answer to the question has come. */
  answered(tokenName: string, question: UnderWay): void {
    for (const other of this.#byToken.get(tokenName) ?? []) if (other !== question) other.isOvertaken = true;
  }

  end(tokenName: string, question: UnderWay): void {
    const questions = this.#byToken.get(tokenName);
    questions?.delete(question);
    if (questions?.size === 0) this.#byToken.delete(tokenName);
  }
}
