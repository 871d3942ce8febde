import { Card, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { settingsSchema, type Settings, type SettingsPatch } from '../../../../shared/domain/settings.ts';

export interface SettingsCardProps {
  readonly settings: Settings;
  readonly onChange: (patch: SettingsPatch) => void;
}

const THEMES = settingsSchema.shape.theme.options;
const LANGUAGES = settingsSchema.shape.language.options;

/** Colours and language. */
export function AppearanceCard({ settings, onChange }: SettingsCardProps) {
  const { t } = useTranslation('settings');
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('appearance.title')}
      </Title>
      <Stack gap="md">
        <Group justify="space-between">
          <div>
            <Text fw={500}>{t('appearance.theme')}</Text>
            <Text c="dimmed">{t('appearance.themeHelp')}</Text>
          </div>
          <SegmentedControl
            aria-label={t('appearance.theme')}
            value={settings.theme}
            data={THEMES.map((value) => ({ value, label: t(`appearance.themes.${value}`) }))}
            onChange={(value) => onChange({ theme: settingsSchema.shape.theme.parse(value) })}
          />
        </Group>
        <Group justify="space-between">
          <div>
            <Text fw={500}>{t('appearance.language')}</Text>
            <Text c="dimmed">{t('appearance.languageHelp')}</Text>
          </div>
          <Select
            aria-label={t('appearance.language')}
            value={settings.language}
            allowDeselect={false}
            data={LANGUAGES.map((value) => ({ value, label: t(`appearance.languages.${value}`) }))}
            onChange={(value) => value !== null && onChange({ language: settingsSchema.shape.language.parse(value) })}
          />
        </Group>
      </Stack>
    </Card>
  );
}
