import { Button, Card, Select, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconEye, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { recipeSettingsSchema, type RecipeSettings } from '../../../shared/domain/recipe/recipe.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { useDatasets } from '../../api/use-datasets.ts';
import { useModels } from '../../api/use-models.ts';
import { EmptyState } from '../../components/empty-state/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice/error-notice.tsx';
import { Page } from '../../components/page/page.tsx';
import { formatCompact, formatCount } from '../../lib/format.ts';
import { loadDraft, saveDraft, type RecipeDraft } from '../../lib/recipe-draft.ts';
import { FORM_FIELDS, formState, withValue } from '../../lib/recipe-form.ts';
import { routes } from '../../lib/routes.ts';
import { CountsPanel } from './components/counts-panel.tsx';
import { EncodingSettings } from './components/encoding-settings.tsx';
import { RowInspector } from './components/row-inspector.tsx';
import classes from './components/inspector.module.css';
import { useModelTemplate, type Subject } from './queries.ts';
import { autoLearns } from './view-model.ts';

/** Milliseconds after which a setting that is still being typed is looked at; a single change is looked at at once. */
const SETTLE = 120;

/** Any row as the model will see it, before anything is trained. */
export function InspectorPage() {
  const { t } = useTranslation('inspector');
  const [query, setQuery] = useSearchParams();
  const models = useModels();
  const datasets = useDatasets();
  const [draft, setDraft] = useState(loadDraft);
  const usable = models.data?.filter(({ state }) => state.kind === 'usable') ?? [];
  const model = usable.find(({ id }) => id === query.get('model')) ?? (usable.length === 1 ? usable[0] : undefined);
  const dataset = datasets.data?.find(({ id }) => id === query.get('dataset')) ?? (datasets.data?.length === 1 ? datasets.data[0] : undefined);
  const [settled] = useDebouncedValue(draft, SETTLE, { leading: true });
  const state = useMemo(() => formState(settled), [settled]);
  // While a field holds no number, and says so, what was seen last stays in sight.
  const lastValid = useRef<RecipeSettings>(recipeSettingsSchema.parse({}));
  if (state.kind === 'valid') lastValid.current = state.settings;
  const settings = lastValid.current;
  const modelTemplate = useModelTemplate(model);
  const subject = useMemo<Subject | null>(
    () => (model === undefined || dataset === undefined ? null : { modelId: model.id, datasetId: dataset.id, settings }),
    [model?.id, dataset?.id, settings],
  );
  const set = (name: string, value: string | null) =>
    setQuery(
      (now) => {
        if (value === null) now.delete(name);
        else now.set(name, value);
        return now;
      },
      { replace: true },
    );
  const change = (next: RecipeDraft) => {
    saveDraft(next);
    setDraft(next);
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
        <ErrorNotice error={appErrorOf(failed)} />
      </Page>
    );
  const lacks = usable.length === 0 ? 'model' : datasets.data!.length === 0 ? 'dataset' : null;
  const actions = subject !== null && (
    <Button component={Link} href={routes.train({ model: subject.modelId, dataset: subject.datasetId })} leftSection={<IconPlayerPlay size={14} />}>
      {t('train')}
    </Button>
  );
  return (
    <Page title={t('title')} description={t('description')} actions={actions}>
      {lacks !== null && (
        <EmptyState
          icon={<IconEye />}
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
          <Stack gap="md" miw={0}>
            <Card>
              <SimpleGrid cols={2} spacing="md">
                <Select
                  label={t('model')}
                  placeholder={t('chooseModel')}
                  searchable
                  allowDeselect={false}
                  value={model?.id ?? null}
                  onChange={(id) => set('model', id)}
                  data={usable.map(({ id, name, state: there }) => ({
                    value: id,
                    label: there.kind === 'usable' ? `${name} · ${formatCompact(there.facts.parameters)}` : name,
                  }))}
                />
                <Select
                  label={t('dataset')}
                  placeholder={t('chooseDataset')}
                  searchable
                  allowDeselect={false}
                  value={dataset?.id ?? null}
                  onChange={(id) =>
                    setQuery(
                      (now) => {
                        now.set('dataset', id ?? '');
                        now.delete('row');
                        return now;
                      },
                      { replace: true },
                    )
                  }
                  data={datasets.data!.map(({ id, name, edits }) => ({ value: id, label: `${name} · ${formatCount(edits.rows)}` }))}
                />
              </SimpleGrid>
            </Card>
            {subject !== null && dataset !== undefined && (
              <RowInspector
                subject={subject}
                total={dataset.edits.rows}
                stamp={`${dataset.version.id}:${dataset.updatedAt}`}
                position={Number(query.get('row') ?? 0) || 0}
                onMove={(position) => set('row', position === 0 ? null : String(position))}
              />
            )}
            {subject === null && <EmptyState icon={<IconEye />} title={t('choose.title')} description={t('choose.description')} />}
          </Stack>
          <Stack gap="md" className={classes['side']!}>
            <EncodingSettings
              draft={draft}
              auto={dataset === undefined ? null : autoLearns(dataset.version.format)}
              modelTemplate={modelTemplate}
              onChange={change}
            />
            {subject !== null && dataset !== undefined && (
              <CountsPanel
                subject={subject}
                stamp={`${dataset.version.id}:${dataset.updatedAt}`}
                rows={dataset.edits.rows}
                onGo={(position) => set('row', position === 0 ? null : String(position))}
                onFix={({ path, value }) =>
                  change(
                    withValue(
                      draft,
                      FORM_FIELDS.find((field) => field.path === path)!,
                      value,
                    ),
                  )
                }
              />
            )}
          </Stack>
        </div>
      )}
    </Page>
  );
}
