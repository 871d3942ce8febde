import { Grid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A step: the concept in a few sentences, and beside it the thing itself. */
export function Explained({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Stack gap="xs">
          <Title order={3} size="h2">
            {title}
          </Title>
          {text.split('\n').map((sentence) => (
            <Text key={sentence} size="md">
              {sentence}
            </Text>
          ))}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8 }}>{children}</Grid.Col>
    </Grid>
  );
}
