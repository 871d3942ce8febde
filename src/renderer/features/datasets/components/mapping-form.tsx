import { Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileSketch, Reading } from '../../../../shared/domain/dataset-record.ts';
import { withColumn, type MappedPart } from '../view-model.ts';
import classes from './datasets.module.css';

export interface MappingFormProps {
  readonly sketch: FileSketch;
  readonly parts: readonly MappedPart[];
  readonly reading: Reading;
  readonly onChange: (reading: Reading) => void;
}

/** Which column of the file plays which part of the format, with what stands in it. */
export function MappingForm({ sketch, parts, reading, onChange }: MappingFormProps) {
  const { t } = useTranslation('datasets');
  const [all, setAll] = useState(false);
  const columns = sketch.columns.map(({ name }) => name);
  const format = sketch.outcome.kind === 'readable' ? sketch.outcome.format : reading.format;
  const samplesOf = (column: string | null) => sketch.columns.find(({ name }) => name === column)?.samples ?? [];
  // A file without columns has another fault than its format, and the error above names it.
  if (parts.length === 0 && columns.length === 0) return null;
  if (parts.length === 0)
    return (
      <Stack gap={4}>
        <Text>{t('mapping.chooseFormat')}</Text>
        <Text c="dimmed" className={classes['sample']!}>
          {t('mapping.columns', { names: columns.join(', ') })}
        </Text>
      </Stack>
    );
  // Parts that the file has nothing for are noise to most people.
  const used = parts.filter(({ required, column }) => required || column !== null);
  const shown = all ? parts : used;
  return (
    <>
      <Table aria-label={t('mapping.title')} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={180}>{t('mapping.part')}</Table.Th>
            <Table.Th w={260}>{t('mapping.column')}</Table.Th>
            <Table.Th>{t('mapping.example')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(({ field, required, column }) => (
            <Table.Tr key={field}>
              <Table.Td>
                {field}
                {required ? (
                  <Text span c="dimmed">
                    {' '}
                    · {t('mapping.required')}
                  </Text>
                ) : null}
              </Table.Td>
              <Table.Td>
                <Select
                  aria-label={t('mapping.columnFor', { part: field })}
                  placeholder={t('mapping.none')}
                  value={column}
                  data={columns}
                  clearable={!required}
                  searchable
                  error={required && column === null}
                  onChange={(value) => onChange(withColumn(reading, parts, format, field, value))}
                />
              </Table.Td>
              <Table.Td>
                <Text truncate c="dimmed" className={classes['sample']!}>
                  {samplesOf(column)[0] ?? ''}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {used.length < parts.length && (
        <Group>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)}>
            {t(all ? 'mapping.fewerParts' : 'mapping.moreParts')}
          </Button>
        </Group>
      )}
    </>
  );
}
