// The house's colours for antd. styles.css has the same as variables; antd's own blue appears nowhere.
import { theme, type ThemeConfig } from 'antd';

const fonts =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif';

export function look(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? '#66CFB6' : '#0B6B58',
      colorInfo: dark ? '#66CFB6' : '#0B6B58',
      colorSuccess: dark ? '#66CFB6' : '#0B6B58',
      colorLink: dark ? '#6CC7B1' : '#0B6B58',
      colorWarning: dark ? '#F08A45' : '#C2540A',
      colorError: dark ? '#F08A45' : '#B04A06', // SOS red is for emergencies alone
      colorBgBase: dark ? '#161D1B' : '#FFFFFF',
      colorTextBase: dark ? '#EDF2EF' : '#16211E',
      colorBorder: dark ? '#3B4944' : '#D8CEBD',
      colorBorderSecondary: dark ? '#2C3834' : '#E8E0D2',
      colorTextPlaceholder: dark ? '#93A39D' : '#6B7571',
      borderRadius: 10,
      fontFamily: fonts,
      fontSize: 14,
      controlHeight: 36,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
      wireframe: false,
    },
    components: {
      Button: { fontWeight: 600, primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', primaryColor: dark ? '#06241D' : '#FFFFFF' },
      Tooltip: { colorBgSpotlight: dark ? '#33413C' : '#16211E' },
    },
  };
}
