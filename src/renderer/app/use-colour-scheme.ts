import { useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Settings } from '../../shared/domain/settings.ts';
import { api } from '../api/client.ts';
import { useSettings } from '../api/use-settings.ts';

/** The scheme of the settings, kept by the host; Mantine's own memory only spares a flash at the start. */
export function useColourScheme(): { readonly choose: (theme: Settings['theme']) => void } {
  const queries = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const settings = useSettings();
  const theme = settings.data?.theme;
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme);
  }, [theme, setColorScheme]);
  const update = useMutation(api.settings.update.mutationOptions({ onSuccess: (next) => queries.setQueryData(api.settings.get.queryKey(), next) }));
  return { choose: (next) => update.mutate({ theme: next }) };
}
