import i18next, { type TFunction } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { zh } from './zh';

export type Lang = 'zh' | 'en';

export function startWords(lang: Lang): void {
  void i18next.use(initReactI18next).init({
    resources: { zh: { translation: zh }, en: { translation: en } },
    lng: lang,
    fallbackLng: 'zh',
    keySeparator: '.',
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  });
}

export function useLang(lang: Lang): void {
  if (i18next.language !== lang) void i18next.changeLanguage(lang);
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
}

// known translates a value of the fleet, or shows it as it came: a newer one may have words that this page does not know. A dot in the
// value is not a step in the tree of words.
export function known(t: TFunction, group: string, value: string): string {
  const key = `${group}.${value.replaceAll('.', '_')}`;
  return value && i18next.exists(key) ? t(key) : value;
}
