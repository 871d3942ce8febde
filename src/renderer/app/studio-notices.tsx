import { useState } from 'react';
import type { StudioNotice } from '../../shared/domain/studio-notice.ts';
import { client } from '../api/client.ts';
import { useStream } from '../api/use-stream.ts';
import classes from './shell.module.css';

/** What is the matter with the studio as a whole, for as long as it is. */
export function StudioNotices() {
  const [notices, setNotices] = useState<readonly StudioNotice[]>([]);
  useStream({ open: (signal) => client.system.watchNotices(undefined, { signal }), onUpdate: setNotices, deps: [] });
  return notices.map(({ code, level, message, remedy }) => (
    <div key={code} role={level === 'problem' ? 'alert' : 'status'} className={classes[level === 'problem' ? 'problem' : 'banner']}>
      {message}
      {remedy !== null && ` ${remedy}`}
    </div>
  ));
}
