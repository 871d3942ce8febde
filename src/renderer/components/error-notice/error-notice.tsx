import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AppErrorFields } from '../../../shared/lib/app-error.ts';
import classes from './error-notice.module.css';

export interface ErrorNoticeProps {
  readonly error: AppErrorFields;
  readonly onRetry?: (() => void) | undefined;
  readonly onClose?: (() => void) | undefined;
}

/** What happened, where, and what to do about it, in the place it belongs to. */
export function ErrorNotice({ error, onRetry, onClose }: ErrorNoticeProps) {
  const { t } = useTranslation();
  const logId = error.data?.['logId'];
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      className={classes['notice']}
      withCloseButton={onClose !== undefined}
      closeButtonLabel={t('close')}
      {...(onClose === undefined ? {} : { onClose })}
    >
      <Text className={classes['message']}>{error.code === 'CONNECTION' ? t('connection.failed') : error.message}</Text>
      {error.remedy !== undefined && (
        <Text className={classes['message']} fw={500} mt={4}>
          {error.remedy}
        </Text>
      )}
      <Group gap="xs" mt={6}>
        <Code>{error.code}</Code>
        {typeof logId === 'string' && (
          <Text size="xs" c="dimmed">
            {t('logId', { id: logId })}
          </Text>
        )}
        {onRetry !== undefined && (
          <Button variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
