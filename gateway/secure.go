package gateway

import "net/http"

// Answers are data: no page may frame them, run anything in them or be told about from them.
var (
	noSniff    = []string{"nosniff"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
)

// secure sets the headers that every answer has, whatever it is.
func secure(h http.Header) {
	h["X-Content-Type-Options"], h["Content-Security-Policy"], h["Referrer-Policy"] = noSniff, noContent, noReferrer
}
