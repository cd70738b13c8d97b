Redoc.init(
  '/api/v1/openapi.json',
  { hideDownloadButton: false, expandResponses: '200', nativeScrollbars: true, scrollYOffset: 44 },
  document.getElementById('explorer'),
)
