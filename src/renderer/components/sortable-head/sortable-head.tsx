import { Table, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSelector } from '@tabler/icons-react';
import classes from './sortable-head.module.css';

export interface SortableHeadProps {
  readonly label: string;
  readonly order: 'ascending' | 'descending' | 'none';
  readonly onSort: () => void;
  readonly className?: string | undefined;
}

const ICONS = { ascending: IconChevronUp, descending: IconChevronDown, none: IconSelector };

/** A column's head that sorts by it. */
export function SortableHead({ label, order, onSort, className }: SortableHeadProps) {
  const Icon = ICONS[order];
  return (
    <Table.Th aria-sort={order} {...(className === undefined ? {} : { className })}>
      <UnstyledButton onClick={onSort} className={classes['sort']}>
        {label}
        <Icon size={12} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}
