import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SettingsPatch } from '../../../shared/domain/settings.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { api, client } from '../../api/client.ts';
import { notifyDone, notifyError } from '../../components/notify/notify.ts';

/** Saves at once and says so; every screen that shows settings has the new ones. */
export function useSaveSettings() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (patch: SettingsPatch) => client.settings.update(patch),
    onSuccess(settings) {
      queries.setQueryData(api.settings.get.queryKey(), settings);
      notifyDone(t('saved'));
    },
    onError: (error) => notifyError(appErrorOf(error)),
  });
}
