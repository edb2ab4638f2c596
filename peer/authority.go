package peer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Files that MakeAuthority and MakeCertificate write: PEM, keys as PKCS #8 and readable by their owner only.
const (
	AuthorityFile    = "authority.pem"
	AuthorityKeyFile = "authority.key"
	CertificateFile  = "node.pem"
	KeyFile          = "node.key"
)

const (
	authorityLife   = 20 * 365 * 24 * time.Hour
	certificateLife = 10 * 365 * 24 * time.Hour
	clockSkew       = time.Hour // a certificate is valid at once on a node whose clock is behind by less
)

// MakeAuthority makes the authority of an exchange: authority.pem and authority.key in dir, which is made if it is not
// there. The key makes certificates and is needed for nothing else; no node must have it. An authority that is there
// already is not overwritten.
func MakeAuthority(dir string) error {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "hustings authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	if err := issue(template, nil, authorityLife, filepath.Join(dir, AuthorityFile), filepath.Join(dir, AuthorityKeyFile)); err != nil {
		return fmt.Errorf("making an authority in %s: %w", dir, err)
	}
	return nil
}

// MakeCertificate makes the certificate of a node by the authority in the directory authority, and writes node.pem,
// node.key and a copy of authority.pem to dir, which is made if it is not there: all that the node needs. Hosts are
// names and IP addresses under which others reach it; they are for other programs, the node's links go by its number.
// A key that is there already is not overwritten.
func MakeCertificate(authority, dir string, n Node, hosts ...string) error {
	if err := makeCertificate(authority, dir, n, hosts, certificateLife); err != nil {
		return fmt.Errorf("making a certificate of node %v in %s: %w", n, dir, err)
	}
	return nil
}

func makeCertificate(authority, dir string, n Node, hosts []string, life time.Duration) error {
	if n == 0 {
		return errors.New("nodes are numbered from 1")
	}
	by, err := loadIssuer(authority)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "hustings node " + n.String()},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	template.URIs = append(template.URIs, n.uri())
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	if err := issue(template, by, life, filepath.Join(dir, CertificateFile), filepath.Join(dir, KeyFile)); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, AuthorityFile), "CERTIFICATE", by.certificate.Raw, 0o644)
}

// issuer is an authority with its key.
type issuer struct {
	certificate *x509.Certificate
	key         any
}

func loadIssuer(dir string) (*issuer, error) {
	certificate, err := readCertificate(filepath.Join(dir, AuthorityFile))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, AuthorityKeyFile)
	der, err := readPEM(file, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return &issuer{certificate, key}, nil
}

// issue makes a key and a certificate of it, by itself if there is no issuer. The key is written first: it is what
// must not be overwritten.
func issue(template *x509.Certificate, by *issuer, life time.Duration, certificateFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if by == nil {
		by = &issuer{template, key}
	}
	template.SerialNumber = nil // CreateCertificate draws one
	template.NotBefore, template.NotAfter = time.Now().Add(-clockSkew), time.Now().Add(life)
	certificate, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(keyFile), 0o755); err != nil {
		return err
	}
	if err := writePEM(keyFile, "PRIVATE KEY", private, 0o600); err != nil {
		return err
	}
	return writePEM(certificateFile, "CERTIFICATE", certificate, 0o644)
}

// writePEM writes a file that is not there yet.
func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := pem.Encode(f, &pem.Block{Type: kind, Bytes: der}); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", file, err), f.Close())
	}
	return f.Close()
}
