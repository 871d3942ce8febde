/**
 * @file The message catalogue: every word on screen, by namespace (one JSON a feature) and language. Components ask by key;
 * another language is another folder beside `en`.
 */
import { createInstance, type i18n } from 'i18next';
import { englishFieldWords } from './field-words.ts';
import { englishMetricWords } from './metric-words.ts';
import { englishRecipeWords } from './recipe-words.ts';
import { initReactI18next } from 'react-i18next';
import common from './en/common.json' with { type: 'json' };
import compare from './en/compare.json' with { type: 'json' };
import datasets from './en/datasets.json' with { type: 'json' };
import home from './en/home.json' with { type: 'json' };
import inspector from './en/inspector.json' with { type: 'json' };
import models from './en/models.json' with { type: 'json' };
import runs from './en/runs.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import train from './en/train.json' with { type: 'json' };

export const en = { common, home, models, datasets, inspector, train, runs, compare, settings };

/** React escapes by itself. */
export function createTranslations(): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { ...en, recipe: englishRecipeWords(), field: englishFieldWords(), metrics: englishMetricWords() } },
    defaultNS: 'common',
    interpolation: { escapeValue: false },
  });
  // Numbers and dates follow the language of the page (lib/format.ts), and so do screen readers.
  instance.on('languageChanged', (language) => (document.documentElement.lang = language));
  return instance;
}

declare module 'i18next' {
  interface CustomTypeOptions {
    readonly defaultNS: 'common';
    readonly resources: typeof en;
  }
}
