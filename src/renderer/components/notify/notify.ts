import { notifications } from '@mantine/notifications';
import type { AppErrorFields } from '../../../shared/lib/app-error.ts';

/** Something that was asked for is done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'accent', autoClose: 4000 });
}

/** Something failed that has no place on the screen of its own. Stays until it is closed. */
export function notifyError({ message, remedy }: AppErrorFields): void {
  notifications.show({ title: message, message: remedy ?? '', color: 'red', autoClose: false, role: 'alert' });
}
