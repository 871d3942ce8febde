import { Button, Card, Group, Stack, Stepper, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useReducer, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Starter } from '../../../../shared/contract/starter.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { takeGrant } from '../../../lib/grants.ts';
import { rememberRun } from './tour-memory.ts';
import { useStart, useStarter } from './tour-queries.ts';
import { beginTour, TOUR_STEPS, tourState, type TourStep } from './tour-state.ts';
import { DatasetStep } from './dataset-step.tsx';
import { ModelStep } from './model-step.tsx';
import { TokensStep } from './tokens-step.tsx';
import { TrainingStep } from './training-step.tsx';
import classes from './tour.module.css';

/** Milliseconds a step stands before the tour goes on by itself: enough for its sentences. */
const STEP_TIME = 9000;

export interface TourProps {
  /** The run to come back to; null begins anew. */
  readonly runId: string | null;
  /** It was started here. */
  readonly own: boolean;
}

/** Fine-tunes the bundled model on the bundled dataset, step by step, and ends in Compare. */
export function Tour({ runId, own }: TourProps) {
  const { t } = useTranslation('home');
  const starter = useStarter();
  return (
    <Card component="section" aria-label={t('tour.title')} padding="lg">
      {starter.error !== null && <ErrorNotice error={appErrorOf(starter.error)} onRetry={() => void starter.refetch()} />}
      {starter.error === null && starter.data === undefined && <ProgressLine label={t('tour.preparing')} done={0} total={0} />}
      {starter.data !== undefined && <Steps starter={starter.data} runId={runId} own={own} />}
    </Card>
  );
}

function Steps({ starter, runId, own }: TourProps & { readonly starter: Starter }) {
  const { t } = useTranslation('home');
  const [state, dispatch] = useReducer(tourState, null, () => beginTour({ runId, begun: takeGrant('tour-training') || own }));
  const [loaded, setLoaded] = useState<TourStep>('model');
  const ready = loaded === state.step || state.step === 'model';
  const start = useStart();
  const active = TOUR_STEPS.indexOf(state.step);

  useEffect(() => {
    if (!ready || !state.auto || state.step === 'training') return undefined;
    const timer = setTimeout(() => dispatch({ kind: 'timed-out' }), STEP_TIME);
    return () => clearTimeout(timer);
  }, [ready, state.auto, state.step]);
  const { kind } = state.run;
  useEffect(() => {
    if (kind !== 'wanted') return;
    start.mutate(
      { modelId: starter.model.id, datasetId: starter.dataset.id, settings: starter.settings, name: t('tour.runName'), origin: 'tour' },
      {
        onSuccess: ({ id }) => {
          rememberRun(id);
          dispatch({ kind: 'started', id });
        },
        onError: () => dispatch({ kind: 'start-failed' }),
      },
    );
  }, [kind]);

  const again = () => {
    rememberRun(null);
    dispatch({ kind: 'again' });
  };
  const onReady = () => setLoaded(state.step);
  return (
    <Stack gap="lg">
      <Stepper
        size="xs"
        active={active}
        onStepClick={(index) => dispatch({ kind: 'shown', step: TOUR_STEPS[index] ?? 'training' })}
        allowNextStepsSelect={false}
      >
        {TOUR_STEPS.map((step) => (
          <Stepper.Step key={step} label={t(`tour.${step}.label`)} />
        ))}
        <Stepper.Step label={t('tour.compare.label')} />
      </Stepper>
      <div className={classes['step']}>
        {state.step === 'model' && <ModelStep starter={starter} />}
        {state.step === 'dataset' && <DatasetStep starter={starter} onReady={onReady} />}
        {state.step === 'tokens' && <TokensStep starter={starter} onReady={onReady} />}
        {state.step === 'training' && (
          <TrainingStep
            starter={starter}
            runId={state.run.kind === 'known' ? state.run.id : null}
            auto={state.auto}
            startError={start.error === null ? null : appErrorOf(start.error)}
            onAgain={again}
          />
        )}
      </div>
      <Group justify="space-between" mih={30}>
        <Text size="xs" c="dimmed">
          {state.auto ? t('tour.byItself') : t('tour.paused')}
        </Text>
        <Group gap="xs">
          <Button
            variant="subtle"
            color="gray"
            leftSection={state.auto ? <IconPlayerPause size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
            onClick={() => dispatch({ kind: state.auto ? 'paused' : 'continued' })}
          >
            {state.auto ? t('tour.pause') : t('tour.continue')}
          </Button>
          {active > 0 && (
            <Button variant="default" onClick={() => dispatch({ kind: 'shown', step: TOUR_STEPS[active - 1]! })}>
              {t('tour.back')}
            </Button>
          )}
          {state.step !== 'training' && (
            <Button onClick={() => dispatch({ kind: 'next' })}>
              {state.step === 'tokens' && kind === 'none' ? t('tour.startTraining') : t('tour.next')}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  );
}
