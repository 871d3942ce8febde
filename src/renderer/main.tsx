// First: schemas are compiled when they are made.
import './lib/page-policy.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';

createRoot(document.getElementById('root')!).render(<App />);
