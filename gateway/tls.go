package gateway

import (
	"crypto/tls"
	"net"
	"net/http"
)

// strictTransport tells browsers for a year that this host is to be reached over TLS only.
var strictTransport = []string{"max-age=31536000"}

// secured puts a listener and its handler behind TLS, if there is a configuration for it.
func secured(l net.Listener, h http.Handler, config *tls.Config) (net.Listener, http.Handler) {
	if config == nil {
		return l, h
	}
	return tls.NewListener(l, config), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Strict-Transport-Security"] = strictTransport
		h.ServeHTTP(w, r)
	})
}
