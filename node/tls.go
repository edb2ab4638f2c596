package node

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/hustings/hustings/certificate"
)

// TLS says how the listeners are secured. The zero value secures none.
type TLS struct {
	Certificate string // PEM files of both listeners
	Key         string
	Clients     string // authorities whose clients are let in at the operator's API; empty: no certificate is asked for

	ACME *certificate.ACME // gets the public listener's certificate instead
}

// Enabled reports whether the public listener is secured.
func (t *TLS) Enabled() bool { return t.Certificate != "" || t.ACME != nil }

// check refuses what does not go together.
func (t *TLS) check() error {
	switch {
	case (t.Certificate == "") != (t.Key == ""):
		return errors.New("TLS needs both a certificate and its key: name the other file as well")
	case t.Clients != "" && t.Certificate == "":
		return errors.New("certificates of operators are asked for over TLS only: name a certificate and key for this server as well")
	case t.ACME != nil && len(t.ACME.Hosts) == 0:
		return errors.New("ACME needs the names under which the exchange is reached")
	}
	return nil
}

// secure reads the certificates of both listeners; nil configurations are for plain HTTP.
func (n *Node) secure() (public, admin *tls.Config, err error) {
	t := &n.config.TLS
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	if t.Certificate != "" {
		if public, err = n.serveFiles("api", certificate.Files{Certificate: t.Certificate, Key: t.Key}); err != nil {
			return nil, nil, err
		}
		if admin, err = n.serveFiles("operator", certificate.Files{Certificate: t.Certificate, Key: t.Key, Clients: t.Clients}); err != nil {
			return nil, nil, err
		}
	}
	if t.ACME != nil {
		public = t.ACME.Config()
	}
	return public, admin, nil
}

func (n *Node) serveFiles(use string, files certificate.Files) (*tls.Config, error) {
	s, err := certificate.Load(files, n.log)
	if err != nil {
		return nil, fmt.Errorf("securing a listener: %w", err)
	}
	n.certificates = append(n.certificates, s)
	n.metrics.MustRegister(expiry(use, s.Until))
	n.background.Go(func() { s.Watch(n.ctx, certificate.LookEvery) })
	return s.Config(), nil
}

// ReloadCertificates looks at the files of all certificates now, those between nodes included, instead of within seconds.
func (n *Node) ReloadCertificates() error {
	var errs []error
	if n.member != nil {
		errs = append(errs, n.member.mesh.Reload())
	}
	for _, s := range n.certificates {
		errs = append(errs, s.Reload())
	}
	return errors.Join(errs...)
}
