package peer

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/hustings/hustings/certificate"
)

// Credentials are the files (PEM) by which a node proves its number to the others.
type Credentials struct {
	Authority   string // certificates of the authorities that are believed: one, or two while they change
	Certificate string // the node's, with those between it and the authority, if any, behind it
	Key         string // its private key
}

// CredentialsIn are the files that MakeCertificate wrote to dir.
func CredentialsIn(dir string) Credentials {
	return Credentials{
		Authority:   filepath.Join(dir, AuthorityFile),
		Certificate: filepath.Join(dir, CertificateFile),
		Key:         filepath.Join(dir, KeyFile),
	}
}

func (c *Credentials) files() *certificate.Files {
	return &certificate.Files{Certificate: c.Certificate, Key: c.Key, Clients: c.Authority}
}

// LoadCredentials reads and checks a node's credentials: the certificate must be by the authority, valid now, and name
// a node, which is returned. The configuration is TLS 1.3 with certificates on both sides; it is a server's, and admits
// every node whose certificate is by the authority.
func LoadCredentials(c Credentials) (*tls.Config, Node, error) {
	contents, err := c.files().Read()
	if err != nil {
		return nil, 0, err
	}
	return c.config(contents)
}

func (c *Credentials) config(read certificate.Contents) (*tls.Config, Node, error) {
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(read.Clients) {
		return nil, 0, fmt.Errorf("reading %s: there is no certificate in it", c.Authority)
	}
	own, err := tls.X509KeyPair(read.Certificate, read.Key)
	if err != nil {
		return nil, 0, fmt.Errorf("reading certificate %s and key %s: %w", c.Certificate, c.Key, err)
	}
	config := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{own},
		RootCAs:                authorities,
		ClientCAs:              authorities,
		ClientAuth:             tls.RequireAndVerifyClientCert,
		SessionTicketsDisabled: true,
		// Small records at the beginning of a connection are for web pages; here they would only cost.
		DynamicRecordSizingDisabled: true,
	}
	chain, err := parseChain(own.Certificate)
	if err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", c.Certificate, err)
	}
	n, err := verify(chain, authorities, time.Now())
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired { // the library's text has the time of day
		err = fmt.Errorf("a certificate has expired or is not valid yet: this node's is valid from %v until %v", chain[0].NotBefore, chain[0].NotAfter)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s, with authority %s: %w", c.Certificate, c.Authority, err)
	}
	return config, n, nil
}

// follow loads the credentials of node self, which may be replaced while they are in use.
func (c Credentials) follow(self Node, log *slog.Logger) (*certificate.Source, error) {
	return certificate.LoadFor(*c.files(), func(read certificate.Contents) (*tls.Config, error) {
		config, n, err := c.config(read)
		if err == nil && n != self {
			err = fmt.Errorf("%s is the certificate of node %v", c.Certificate, n)
		}
		return config, err
	}, log)
}

// verify tells which node a chain of certificates, a node's first, proves at an instant. Host names do not matter: an address says
// where a node is, not who it is.
func verify(chain []*x509.Certificate, authorities *x509.CertPool, at time.Time) (Node, error) {
	if len(chain) == 0 {
		return 0, fmt.Errorf("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	options := x509.VerifyOptions{
		Roots: authorities, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if _, err := chain[0].Verify(options); err != nil {
		return 0, err
	}
	return NodeOf(chain[0])
}

func parseChain(ders [][]byte) (chain []*x509.Certificate, err error) {
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	return chain, nil
}

// serverConfig is what the listener of node self uses.
func serverConfig(base *tls.Config, self Node) *tls.Config {
	config := base.Clone()
	config.NextProtos = []string{linkProtocol, urgentProtocol, bulkProtocol}
	config.VerifyConnection = func(s tls.ConnectionState) error {
		n, err := NodeOf(s.PeerCertificates[0])
		if err != nil {
			return err
		}
		return refuseSelf(n, self)
	}
	return config
}

// clientConfig is what node self uses to dial node n.
func clientConfig(base *tls.Config, self, n Node, protocol string) *tls.Config {
	config := base.Clone()
	config.NextProtos = []string{protocol}
	// The library's check is of host names. VerifyConnection checks all that it would have checked, and the number.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(s tls.ConnectionState) error {
		found, err := verify(s.PeerCertificates, base.RootCAs, time.Now())
		if err != nil {
			return err
		}
		if err := refuseSelf(found, self); err != nil {
			return err
		}
		if found != n {
			return fmt.Errorf("it is node %v by its certificate, and node %v was dialled", found, n)
		}
		return nil
	}
	return config
}

func refuseSelf(n, self Node) error {
	if n == self {
		return fmt.Errorf("it has the certificate of node %v, which is this node", n)
	}
	return nil
}

func readCertificate(file string) (*x509.Certificate, error) {
	der, err := readPEM(file, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return c, nil
}

func readPEM(file, kind string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("reading %s: it does not begin with a %s in PEM", file, kind)
	}
	return block.Bytes, nil
}
