import { useReducer, useRef } from 'react';
import type { GenerateRequest, Generation, GenerateUpdate } from '../../../shared/domain/generation.ts';
import { client } from '../../api/client.ts';
import { useLongTask } from '../../api/use-long-task.ts';
import { liveAnswers, NO_ANSWERS } from './live-answers.ts';
import { useRefreshHistory } from './queries.ts';

/** Asks one prompt of several columns and keeps what they say; one at a time. */
export function useComparison() {
  const [live, dispatch] = useReducer(liveAnswers, NO_ANSWERS);
  const request = useRef<GenerateRequest | null>(null);
  const refreshHistory = useRefreshHistory();
  const task = useLongTask<GenerateUpdate>(
    (signal) => client.compare.generate(request.current!, { signal }),
    (update) => {
      dispatch({ kind: 'update', update, at: performance.now() });
      if (update.kind === 'done') refreshHistory();
    },
  );
  return {
    live,
    running: task.running,
    error: task.error,
    ask(next: GenerateRequest) {
      request.current = next;
      dispatch({ kind: 'asked', columns: next.columns });
      task.start();
    },
    /** The host keeps what was said so far. */
    stop() {
      task.cancel();
      dispatch({ kind: 'stopped' });
      refreshHistory();
    },
    restore: (generation: Generation) => dispatch({ kind: 'restored', generation }),
    clear: () => dispatch({ kind: 'cleared' }),
  };
}
