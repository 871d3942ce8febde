import { Anchor, Button, Group, Kbd, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMessagePlus, IconPlayerStopFilled, IconPlus, IconSend, IconX } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Manner } from '../../../../shared/domain/generation.ts';
import type { AnswerSettings, Draft } from '../draft.ts';
import { AnswerSettingsButton } from './answer-settings.tsx';
import classes from './bench.module.css';

export interface PromptBoxProps {
  readonly draft: Draft;
  readonly examples: readonly string[];
  readonly running: boolean;
  readonly canSend: boolean;
  /** The answers on the screen can be gone on from. */
  readonly canGoOn: boolean;
  /** System prompt and plain text as the runs were taught; null where there is nothing to take over. */
  readonly manner: Manner | null;
  readonly onSettings: (settings: AnswerSettings) => void;
  readonly onPrompt: (prompt: string) => void;
  readonly onTakeOver: () => void;
  readonly onSend: (prompt: string) => void;
  readonly onGoOn: () => void;
  readonly onStop: () => void;
}

/** What is asked, and the buttons that ask it. */
export function PromptBox(props: PromptBoxProps) {
  const { draft, examples, running, canSend, onSend, onStop } = props;
  const { t } = useTranslation('compare');
  const [opened, system] = useDisclosure(false);
  const shown = opened || draft.settings.system !== '';
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
      {shown && <SystemPrompt {...props} onClose={system.close} />}
      <MannerLine {...props} />
      <Textarea
        label={t('prompt.label')}
        placeholder={t('prompt.placeholder')}
        autosize
        minRows={2}
        maxRows={10}
        value={draft.prompt}
        onChange={(event) => props.onPrompt(event.currentTarget.value)}
      />
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          {!shown && (
            <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} aria-expanded={false} onClick={system.open}>
              {t('system.toggle')}
            </Button>
          )}
          <AnswerSettingsButton settings={draft.settings} onChange={props.onSettings} />
        </Group>
        <Group gap="xs">
          {running ? (
            <Button variant="default" leftSection={<IconPlayerStopFilled size={14} aria-hidden />} onClick={onStop}>
              {t('stop')}
            </Button>
          ) : (
            <Senders {...props} />
          )}
        </Group>
      </Group>
      {examples.length > 0 && (
        <Group gap={6} role="group" aria-label={t('prompt.examples')}>
          {examples.map((example) => (
            <Button
              key={example}
              variant={example === draft.prompt ? 'light' : 'default'}
              size="compact-xs"
              radius="xl"
              fw={400}
              disabled={running}
              onClick={() => onSend(example)}
            >
              {example}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  );
}

/** One button to ask; after an answer also one to go on from it. */
function Senders({ draft, canSend, canGoOn, onSend, onGoOn }: PromptBoxProps) {
  const { t } = useTranslation('compare');
  return (
    <>
      {canGoOn && (
        <Button variant="default" leftSection={<IconMessagePlus size={14} aria-hidden />} disabled={!canSend} onClick={onGoOn}>
          {t('goOn')}
        </Button>
      )}
      <Button
        leftSection={<IconSend size={14} aria-hidden />}
        rightSection={
          <Kbd size="xs" aria-hidden>
            {t('sendKeys')}
          </Kbd>
        }
        disabled={!canSend}
        onClick={() => onSend(draft.prompt)}
      >
        {t('send')}
      </Button>
    </>
  );
}

function SystemPrompt({ draft, onSettings, onClose }: PromptBoxProps & { readonly onClose: () => void }) {
  const { t } = useTranslation('compare');
  const { settings } = draft;
  const remove = () => {
    onSettings({ ...settings, system: '' });
    onClose();
  };
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Textarea
        className={classes['system']!}
        label={t('system.label')}
        description={settings.plain ? t('system.plain') : t('system.description')}
        autosize
        minRows={1}
        maxRows={6}
        value={settings.system}
        onChange={(event) => onSettings({ ...settings, system: event.currentTarget.value })}
      />
      <Button variant="subtle" color="gray" className="beside-field" leftSection={<IconX size={14} aria-hidden />} onClick={remove}>
        {t('system.remove')}
      </Button>
    </Group>
  );
}

/** Says what is taken from the training rows, or offers it where it is not. */
function MannerLine({ draft: { own, settings }, manner, onTakeOver }: PromptBoxProps) {
  const { t } = useTranslation('compare');
  if (manner === null || (manner.system === null && !manner.plain)) return null;
  const same = settings.system === (manner.system ?? '') && settings.plain === manner.plain;
  const what = manner.plain ? 'plain' : 'system';
  if (same)
    return own ? null : (
      <Text size="xs" c="dimmed">
        {t(`manner.${what}`)}
      </Text>
    );
  return (
    <Text size="xs" c="dimmed">
      {t(`manner.${what}Offer`)}{' '}
      <Anchor component="button" type="button" size="xs" onClick={onTakeOver}>
        {t('manner.take')}
      </Anchor>
    </Text>
  );
}
