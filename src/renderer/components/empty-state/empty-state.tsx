import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** What to do, in a sentence or two. */
  readonly description: ReactNode;
  readonly action?: ReactNode;
}

/** Stands where there is nothing yet, and says how there will be something. */
export function EmptyState({ icon, title, description, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" className={classes['empty']}>
      <div className={classes['icon']} aria-hidden>
        {icon}
      </div>
      <Title order={2}>{title}</Title>
      <Text c="dimmed" ta="center" maw={480} component="div">
        {description}
      </Text>
      {action !== undefined && (
        <Group mt="xs" gap="xs" justify="center">
          {action}
        </Group>
      )}
    </Stack>
  );
}
