import { modals } from '@mantine/modals';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { routes } from '../../../lib/routes.ts';
import { ImportDialog, type ImportFile } from './import-dialog.tsx';

const DIALOG = 'import-dataset';

/** Opens the import of a file; ends on the new dataset's page. */
export function useOpenImport(): (file: ImportFile) => void {
  const { t } = useTranslation('datasets');
  const [, go] = useLocation();
  return (file) =>
    void modals.open({
      modalId: DIALOG,
      title: t('import.title'),
      size: 1080,
      closeOnClickOutside: false,
      children: (
        <ImportDialog
          file={file}
          onCancel={() => modals.close(DIALOG)}
          onDone={(id) => {
            modals.close(DIALOG);
            go(routes.dataset(id));
          }}
        />
      ),
    });
}
