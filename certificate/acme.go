package certificate

import (
	"crypto/tls"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// ACME says from whom certificates are got, and for which names.
type ACME struct {
	Hosts     []string // the names under which the listener is reached
	Cache     string   // directory for keys and certificates
	Email     string   // for notices of the authority; may be empty
	Directory string   // URL of the authority; empty: Let's Encrypt
}

// Config is for a listener that the authority reaches as port 443 of each host. The certificates are got when they are first
// asked for, and renewed in time. Whoever uses it has agreed to the authority's terms.
func (a ACME) Config() *tls.Config {
	m := autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(a.Cache), HostPolicy: autocert.HostWhitelist(a.Hosts...), Email: a.Email,
	}
	if a.Directory != "" {
		m.Client = &acme.Client{DirectoryURL: a.Directory}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{http1, acme.ALPNProto}, GetCertificate: m.GetCertificate}
}
