import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Starter } from '../../../../shared/contract/starter.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes, formatCompact, formatCount } from '../../../lib/format.ts';
import { Explained } from './explained.tsx';

/** What is to be tuned. */
export function ModelStep({ starter: { model } }: { readonly starter: Starter }) {
  const { t } = useTranslation('home');
  if (model.state.kind === 'unusable') return <ErrorNotice error={model.state.error} />;
  const { context, layers, parameters, weightBytes, chatTemplate } = model.state.facts;
  return (
    <Explained title={t('tour.model.title')} text={t('tour.model.text')}>
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="lg" verticalSpacing="lg">
        <Stat label={t('tour.model.name')} value={model.name} />
        <Stat label={t('tour.model.parameters')} value={formatCompact(parameters)} hint={t('tour.model.parametersHint')} />
        <Stat label={t('tour.model.size')} value={formatBytes(weightBytes)} />
        <Stat label={t('tour.model.layers')} value={formatCount(layers)} />
        <Stat label={t('tour.model.context')} value={formatCount(context)} unit={t('tour.model.tokens')} />
        <Stat
          label={t('tour.model.template')}
          value={chatTemplate === null ? t('tour.model.none') : t('tour.model.has')}
          hint={t('tour.model.templateHint')}
        />
      </SimpleGrid>
    </Explained>
  );
}
