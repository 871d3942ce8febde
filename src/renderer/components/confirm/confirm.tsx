import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';

export interface Question {
  readonly title: string;
  readonly message: string;
  /** What the button that does it says, such as "Delete run". */
  readonly confirmLabel: string;
  /** It cannot be undone. */
  readonly danger?: boolean;
}

/** Asks before something that matters; true when the person agreed. */
export function confirm({ title, message, confirmLabel, danger = false }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title,
      children: <Text style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>{message}</Text>,
      // The label of the way back is the dialog host's.
      confirmProps: { children: confirmLabel, ...(danger ? { color: 'red' } : {}) },
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false),
    });
  });
}
