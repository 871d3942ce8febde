/** @file The screen where a run is set up: what is trained, on what, how, and what it will take. */
import { Anchor, Button, Card, Group, Select, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconClipboard, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearchParams } from 'wouter';
import { appErrorOf } from '../../api/app-error.ts';
import { useDatasets } from '../../api/use-datasets.ts';
import { useModels } from '../../api/use-models.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { Page } from '../../components/page/page.tsx';
import { formatCompact, formatCount } from '../../lib/format.ts';
import { loadDraft, saveDraft, type RecipeDraft } from '../../lib/recipe-draft.ts';
import { routes } from '../../lib/routes.ts';
import { PasteRecipe } from './components/paste-recipe.tsx';
import { RecipeFields } from './components/recipe-fields.tsx';
import { StartPanel } from './components/start-panel.tsx';
import classes from './components/train.module.css';
import { useCheck, useEarlierRun, useEstimate, useStart, type Subject } from './queries.ts';
import { adviceOf, type Advice } from '../../../shared/domain/recipe/advice.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import { draftOf, formState, type FormState, nestedSettings, stepsOf } from '../../lib/recipe-form.ts';

/** What to train, on what, and how; starting goes to the run. */
export function TrainPage() {
  const { t } = useTranslation('train');
  const [, go] = useLocation();
  const [query, setQuery] = useSearchParams();
  const models = useModels();
  const datasets = useDatasets();
  const [draft, setDraft] = useDraft(query.get('from'));
  const start = useStart();
  const model = models.data?.find(({ id }) => id === query.get('model')) ?? onlyOne(models.data?.filter(({ state }) => state.kind === 'usable'));
  const dataset = datasets.data?.find(({ id }) => id === query.get('dataset')) ?? onlyOne(datasets.data);
  const subject = useMemo<Subject | null>(
    () => (model === undefined || dataset === undefined || model.state.kind !== 'usable' ? null : { modelId: model.id, datasetId: dataset.id }),
    [model, dataset],
  );
  const state = useMemo(() => formState(draft), [draft]);
  const [settledState] = useDebouncedValue(state, 300);
  // The panel asks the same; it is answered once.
  const longest = useEstimate(subject, settledState.kind === 'valid' ? settledState.settings : null).data?.longestRow ?? null;
  const advice = useMemo(() => adviceFor(state, dataset?.edits.rows ?? null, longest, model), [state, dataset, longest, model]);
  const [settled] = useDebouncedValue(draft, 300);
  const check = useCheck(subject, nestedSettings(settled));
  const problems = state.kind === 'valid' ? (check.data?.problems ?? []) : [];
  const choose = (name: 'model' | 'dataset', id: string | null) =>
    setQuery(
      (now) => {
        if (id === null) now.delete(name);
        else now.set(name, id);
        return now;
      },
      { replace: true },
    );
  const begin = (name: string | null) => {
    if (subject === null || state.kind !== 'valid' || problems.length > 0) return;
    start.mutate({ ...subject, settings: state.settings, name }, { onSuccess: ({ id }) => go(routes.run(id)) });
  };
  if (models.isPending || datasets.isPending)
    return (
      <Page title={t('title')} description={t('description')}>
        <Skeleton h={400} />
      </Page>
    );
  const failed = models.error ?? datasets.error;
  if (failed)
    return (
      <Page title={t('title')} description={t('description')}>
        <ErrorNotice error={appErrorOf(failed)} onRetry={() => void Promise.all([models.refetch(), datasets.refetch()])} />
      </Page>
    );
  const paste = () =>
    void modals.open({
      title: t('paste.title'),
      size: 'lg',
      children: <PasteRecipe format={dataset?.version.format ?? null} onTake={(recipe) => setDraft(draftOf(recipe))} />,
    });
  const lacks = models.data!.length === 0 ? 'model' : datasets.data!.length === 0 ? 'dataset' : null;
  return (
    <Page
      title={t('title')}
      description={t('description')}
      actions={
        lacks === null && (
          <Button variant="default" leftSection={<IconClipboard size={14} aria-hidden />} onClick={paste}>
            {t('paste.button')}
          </Button>
        )
      }
    >
      {lacks !== null && (
        <EmptyState
          icon={<IconPlayerPlay />}
          title={t(`empty.${lacks}.title`)}
          description={t(`empty.${lacks}.description`)}
          action={
            <Button component={Link} href={lacks === 'model' ? routes.models() : routes.datasets()}>
              {t(`empty.${lacks}.action`)}
            </Button>
          }
        />
      )}
      {lacks === null && (
        <div className={classes['layout']}>
          <Stack gap="md">
            <Card>
              <SimpleGrid type="container" cols={{ base: 1, '520px': 2 }} spacing="lg">
                <Select
                  label={t('model')}
                  placeholder={t('chooseModel')}
                  searchable
                  value={model?.id ?? null}
                  onChange={(id) => choose('model', id)}
                  allowDeselect={false}
                  nothingFoundMessage={t('nothingFound')}
                  data={models.data!.map(({ id, name, state: there }) => ({
                    value: id,
                    label: there.kind === 'usable' ? `${name} · ${formatCompact(there.facts.parameters)}` : t('unusable', { name }),
                    disabled: there.kind !== 'usable',
                  }))}
                />
                <Select
                  label={t('dataset')}
                  placeholder={t('chooseDataset')}
                  searchable
                  value={dataset?.id ?? null}
                  onChange={(id) => choose('dataset', id)}
                  allowDeselect={false}
                  nothingFoundMessage={t('nothingFound')}
                  data={datasets.data!.map(({ id, name, edits }) => ({
                    value: id,
                    label: t('datasetOption', { name, rows: formatCount(edits.rows), count: edits.rows }),
                  }))}
                />
              </SimpleGrid>
              {subject !== null && (
                <Group mt="xs" gap="md">
                  <Anchor component={Link} href={routes.inspector({ model: subject.modelId, dataset: subject.datasetId })}>
                    {t('inspectFirst')}
                  </Anchor>
                </Group>
              )}
              {dataset !== undefined && dataset.edits.pending > 0 && (
                <Text size="xs" c="dimmed" mt="xs">
                  {t('pendingEdits', { count: dataset.edits.pending })}
                </Text>
              )}
            </Card>
            {problems.length > 0 && <ErrorNotice error={{ code: 'RECIPE', message: problems.join('\n'), remedy: t('mendSettings') }} />}
            {check.error && <ErrorNotice error={appErrorOf(check.error)} onRetry={() => void check.refetch()} />}
            <RecipeFields draft={draft} state={state} advice={advice} onChange={setDraft} />
          </Stack>
          <StartPanel
            subject={subject}
            state={state}
            rows={dataset?.edits.rows ?? null}
            blocked={problems.length > 0}
            notices={check.data?.notices ?? []}
            starting={start.isPending}
            error={start.error === null ? null : appErrorOf(start.error)}
            onStart={begin}
          />
        </div>
      )}
    </Page>
  );
}

function adviceFor(state: FormState, rows: number | null, longest: number | null, model: ModelRecord | undefined): readonly Advice[] {
  if (state.kind !== 'valid') return [];
  return adviceOf(state.settings, {
    rows,
    longest,
    steps: stepsOf(state.settings, rows),
    positions: model?.state.kind === 'usable' ? model.state.facts.context : null,
  });
}

function onlyOne<T>(list: readonly T[] | undefined): T | undefined {
  return list?.length === 1 ? list[0] : undefined;
}

/** The settings being prepared; those of an earlier run replace them once it is known. */
function useDraft(from: string | null): readonly [RecipeDraft, (draft: RecipeDraft) => void] {
  const [draft, setDraft] = useState(loadDraft);
  const earlier = useEarlierRun(from);
  const recipe = earlier.data?.recipe;
  const change = (next: RecipeDraft) => {
    saveDraft(next);
    setDraft(next);
  };
  useEffect(() => {
    if (recipe !== undefined) change(draftOf(recipe));
    // Once for each run asked for.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [recipe]);
  return [draft, change];
}
