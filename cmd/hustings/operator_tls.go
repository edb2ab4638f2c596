package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

// trust says how an operator's API over TLS is known, and how it knows the operator.
type trust struct{ authority, certificate, key string }

func (t *trust) flags(f *pflag.FlagSet) {
	f.StringVar(&t.authority, "ca", "", "PEM file with the authority of the server's certificate (default: those of this machine)")
	f.StringVar(&t.certificate, "cert", "", "PEM file with the certificate to show where the operator's API asks for one")
	f.StringVar(&t.key, "cert-key", "", "PEM file with its private key")
}

// config returns the TLS configuration, nil for that of this machine.
func (t *trust) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if (t.certificate == "") != (t.key == "") {
		return nil, errors.New("--cert and --cert-key go together")
	}
	if t.authority != "" {
		pem, err := os.ReadFile(t.authority)
		if err != nil {
			return nil, fmt.Errorf("reading the authority: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: there is no certificate in it", t.authority)
		}
	}
	if t.certificate != "" {
		own, err := tls.LoadX509KeyPair(t.certificate, t.key)
		if err != nil {
			return nil, fmt.Errorf("reading the operator's certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}
