import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { Metrics } from '#libs/observability';
import { hasPassed } from './deadline.js';

/** Measures calls by method and status. */
export function measuredCalls(metrics: Metrics): ServerInterceptor {
  const durations = metrics.durations({
    name: 'mintmark_grpc_request_duration_seconds',
    help: 'Time from the arrival of a gRPC call to its end.',
    labelNames: ['method', 'status'],
  });
  return ({ path }, call) => {
    const stop = durations.startTimer({ method: path });
    let answered = false;
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onCancel: () => {
            if (!answered) stop({ status: status[hasPassed(call.getDeadline()) ? status.DEADLINE_EXCEEDED : status.CANCELLED] });
          },
        });
      },
      sendStatus: (sent, next) => {
        answered = true;
        stop({ status: status[sent.code] });
        next(sent);
      },
    });
  };
}
