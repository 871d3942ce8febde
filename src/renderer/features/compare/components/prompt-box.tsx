import { Button, Collapse, Group, Kbd, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlayerStopFilled, IconSend } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Draft } from '../draft.ts';
import { AnswerSettingsButton } from './answer-settings.tsx';
import classes from './bench.module.css';

export interface PromptBoxProps {
  readonly draft: Draft;
  readonly examples: readonly string[];
  readonly running: boolean;
  readonly canSend: boolean;
  readonly onChange: (draft: Draft) => void;
  readonly onSend: (prompt: string) => void;
  readonly onStop: () => void;
}

/** What is asked, and the button that asks it. */
export function PromptBox({ draft, examples, running, canSend, onChange, onSend, onStop }: PromptBoxProps) {
  const { t } = useTranslation('compare');
  const [systemShown, system] = useDisclosure(draft.settings.system !== '');
  const send = () => {
    if (canSend && !running) onSend(draft.prompt);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  return (
    <Stack gap="xs" onKeyDown={onKeyDown}>
      <Collapse expanded={systemShown}>
        <Textarea label={t('system.label')} description={t('system.description')} autosize minRows={1} maxRows={6} value={draft.settings.system}
          onChange={(event) => onChange({ ...draft, settings: { ...draft.settings, system: event.currentTarget.value } })} />
      </Collapse>
      <Textarea label={t('prompt.label')} placeholder={t('prompt.placeholder')} autosize minRows={2} maxRows={10} value={draft.prompt}
        onChange={(event) => onChange({ ...draft, prompt: event.currentTarget.value })} />
      <Group justify="space-between" gap="sm" align="flex-start" wrap="nowrap">
        <Group gap={6} className={classes['examples']} role="group" aria-label={t('prompt.examples')}>
          {examples.map((example) => (
            <Button key={example} variant={example === draft.prompt ? 'light' : 'default'} size="compact-xs" radius="xl" fw={400} disabled={running} onClick={() => onSend(example)}>{example}</Button>
          ))}
        </Group>
        <Group gap="xs" wrap="nowrap" className={classes['controls']}>
          <Button variant="subtle" color="gray" aria-expanded={systemShown} onClick={system.toggle}>{t('system.toggle')}</Button>
          <AnswerSettingsButton settings={draft.settings} onChange={(settings) => onChange({ ...draft, settings })} />
          {running
            ? <Button variant="default" leftSection={<IconPlayerStopFilled size={14} aria-hidden />} onClick={onStop}>{t('stop')}</Button>
            : <Button leftSection={<IconSend size={14} aria-hidden />} rightSection={<Kbd size="xs" aria-hidden>{t('sendKeys')}</Kbd>} disabled={!canSend} onClick={send}>{t('send')}</Button>}
        </Group>
      </Group>
    </Stack>
  );
}
