import { Button, Card, CopyButton, Group, Switch, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../shared/domain/recipe/recipe.ts';
import { settingsOf } from '../view-model.ts';
import classes from './run-page.module.css';

/** What the run was told: what was chosen first, all of it on request. */
export function RunRecipe({ recipe }: { readonly recipe: Recipe }) {
  const { t } = useTranslation('runs');
  const [all, setAll] = useState(false);
  const settings = useMemo(() => settingsOf(recipe), [recipe]);
  const shown = all ? settings : settings.filter(({ isDefault }) => !isDefault);
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Switch label={t('recipe.all')} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        <CopyButton value={JSON.stringify(recipe, null, 2)}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t('copied') : t('recipe.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Table aria-label={t('tabs.recipe')}>
        <Table.Tbody>
          {shown.map(({ path, value, isDefault }) => (
            <Table.Tr key={path}>
              <Table.Th scope="row" className={classes['path']}>
                {path}
              </Table.Th>
              <Table.Td>
                <Text className={classes['value']} {...(isDefault ? { c: 'dimmed' } : {})}>
                  {value}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
