const dark = matchMedia('(prefers-color-scheme: dark)').matches
const [panel, raised, line, text, quiet, link] = dark
  ? ['#11151c', '#181d26', '#212834', '#e9ecf1', '#abb5c3', '#74abff']
  : ['#ffffff', '#f5f7fa', '#e1e5eb', '#10151d', '#434e5d', '#1d5bd1']
const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

const theme = {
  colors: {
    primary: { main: link },
    text: { primary: text, secondary: quiet },
    border: { dark: line, light: line },
    responses: {
      success: { color: dark ? '#3cc9ae' : '#007366', backgroundColor: raised, tabTextColor: '#3cc9ae' },
      error: { color: dark ? '#f2736a' : '#be322a', backgroundColor: raised, tabTextColor: '#f2736a' },
    },
  },
  schema: { linesColor: quiet, requireLabelColor: dark ? '#f2736a' : '#be322a', nestedBackground: raised, typeNameColor: quiet, typeTitleColor: quiet },
  sidebar: { backgroundColor: raised, textColor: text, activeTextColor: link },
  rightPanel: { backgroundColor: '#181d26' },
  codeBlock: { backgroundColor: '#0a0d12' },
  typography: {
    fontFamily,
    headings: { fontFamily, fontWeight: '650' },
    links: { color: link, visited: link, hover: link },
    code: { color: text, backgroundColor: raised },
  },
}

Redoc.init(
  '/api/v1/openapi.json',
  { hideDownloadButton: false, expandResponses: '200', nativeScrollbars: true, scrollYOffset: 44, theme },
  document.getElementById('explorer'),
)
