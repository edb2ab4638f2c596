package main

import (
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/hustings/hustings/certificate"
	"github.com/hustings/hustings/node"
)

// listeners is how the API and the operator's API are secured.
type listeners struct {
	node.TLS
	host, email, directory string // of ACME
}

func (l *listeners) flags(f *pflag.FlagSet) {
	f.StringVar(&l.Certificate, "tls-cert", "", "PEM file with the certificate of both listeners; without it they are plain HTTP")
	f.StringVar(&l.Key, "tls-key", "", "PEM file with its private key")
	f.StringVar(&l.Clients, "admin-clients", "", "PEM file with the authorities whose certificates operators must show")
	f.StringVar(&l.host, "acme-host", "", "get the API's certificate for this name over ACME, and agree to the authority's terms")
	f.StringVar(&l.email, "acme-email", "", "address for the authority's notices")
	f.StringVar(&l.directory, "acme-directory", "", "URL of the authority (default: Let's Encrypt)")
}

// resolve returns the settings of a node with a data directory.
func (l *listeners) resolve(data string) node.TLS {
	t := l.TLS
	if l.host != "" {
		t.ACME = &certificate.ACME{Hosts: []string{l.host}, Cache: filepath.Join(data, "acme"), Email: l.email, Directory: l.directory}
	}
	return t
}

// scheme is that of the URLs of a listener.
func scheme(secured bool) string {
	if secured {
		return "https"
	}
	return "http"
}
