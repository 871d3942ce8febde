import { Group, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

export interface StatProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly unit?: string | undefined;
  /** A sentence of explanation, on hover and focus. */
  readonly hint?: string | undefined;
}

/** One figure under its name. */
export function Stat({ label, value, unit, hint }: StatProps) {
  const name = (
    <Text size="xs" c="dimmed" component="span" {...(hint === undefined ? {} : { tabIndex: 0, td: 'underline dotted' })}>
      {label}
    </Text>
  );
  return (
    <div>
      {hint === undefined ? (
        name
      ) : (
        <Tooltip label={hint} events={{ hover: true, focus: true, touch: true }}>
          {name}
        </Tooltip>
      )}
      <Group gap={4} align="baseline" wrap="nowrap">
        <Text fw={600} size="md" className="numeric" component="span">
          {value}
        </Text>
        {unit !== undefined && (
          <Text size="xs" c="dimmed" component="span">
            {unit}
          </Text>
        )}
      </Group>
    </div>
  );
}
