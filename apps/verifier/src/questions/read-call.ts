import { InvalidRequestError } from '#libs/key-domain';
import { decodeQuestion, decodeQuestions } from '../grpc/bounded-requests.js';
import { readAllQuickly, readQuickly } from './quick-reader.js';
import { type AskedQuestion, type QuestionBatch, readQuestion, readQuestions } from './read-question.js';

/** What a message asks, or why it may not: that is told only to who brings a service key. */
export type Asked = QuestionBatch | InvalidRequestError;

/** @throws Error for what is no message */
export function readVerifyToken(message: Buffer): Asked {
  const quick = readQuickly(message);
  if (quick !== null) return alone(quick);
  const request = decodeQuestion(message);
  return askedOrRefused(() => alone(readQuestion(request)));
}

/** @throws Error for what is no message */
export function readVerifyTokens(message: Buffer): Asked {
  const quick = readAllQuickly(message);
  if (quick !== null) return quick;
  const request = decodeQuestions(message);
  return askedOrRefused(() => readQuestions(request));
}

function alone(question: AskedQuestion): QuestionBatch {
  return { questions: [question], guardSessionId: question.guardSessionId };
}

function askedOrRefused(read: () => QuestionBatch): Asked {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
}
