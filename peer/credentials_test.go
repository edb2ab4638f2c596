package peer

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority makes an authority and returns its directory.
func authority(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// certify makes a certificate of node n.
func certify(t testing.TB, authority string, n Node) Credentials {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tls")
	if err := MakeCertificate(authority, dir, n, "127.0.0.1", "localhost"); err != nil {
		t.Fatal(err)
	}
	return CredentialsIn(dir)
}

func TestCertificateNamesItsNode(t *testing.T) {
	a := authority(t)
	for _, n := range []Node{1, 65535} {
		c := certify(t, a, n)
		config, found, err := LoadCredentials(c)
		if err != nil || found != n {
			t.Fatalf("node %v: %v, %v", n, found, err)
		}
		leaf := config.Certificates[0].Leaf
		if err := errors.Join(leaf.VerifyHostname("127.0.0.1"), leaf.VerifyHostname("localhost")); err != nil {
			t.Error(err)
		}
		if s, err := os.Stat(c.Key); err != nil || s.Mode().Perm() != 0o600 {
			t.Errorf("the key may be read by others: %v, %v", s.Mode(), err)
		}
	}
}

func TestKeysAreNotOverwritten(t *testing.T) {
	a := authority(t)
	c := certify(t, a, 1)
	for name, make := range map[string]func() error{
		"authority":   func() error { return MakeAuthority(a) },
		"certificate": func() error { return MakeCertificate(a, filepath.Dir(c.Key), 1) },
	} {
		if err := make(); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s was made again: %v", name, err)
		}
	}
	if _, _, err := LoadCredentials(c); err != nil {
		t.Error(err)
	}
}

func TestWrongCredentialsAreNamed(t *testing.T) {
	a := authority(t)
	c, other := certify(t, a, 1), certify(t, a, 2)
	expired := t.TempDir()
	if err := makeCertificate(a, expired, 1, nil, -time.Minute); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]Credentials{
		"unknown authority":         {filepath.Join(authority(t), AuthorityFile), c.Certificate, c.Key},
		"private key does not":      {c.Authority, c.Certificate, other.Key},
		"no such file":              {c.Authority, "gone", c.Key},
		"no certificate in it":      {c.Key, c.Certificate, c.Key},
		"expired":                   CredentialsIn(expired),
		"names no node":             {c.Authority, filepath.Join(a, AuthorityFile), filepath.Join(a, AuthorityKeyFile)},
		"failed to find any PEM":    {c.Authority, os.DevNull, c.Key},
		"no such file or directory": {"gone", c.Certificate, c.Key},
	} {
		if _, n, err := LoadCredentials(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: node %v, %v", want, n, err)
		}
	}
	if err := MakeCertificate(a, t.TempDir(), 0); err == nil {
		t.Error("node 0 has a certificate")
	}
}

func TestNodeOfReadsOneNumber(t *testing.T) {
	for uris, want := range map[string]Node{
		"hustings://node/3":                   3,
		"spiffe://x/y hustings://node/65535":  65535,
		"":                                    0,
		"hustings://node/0":                   0,
		"hustings://node/65536":               0,
		"hustings://node/03":                  0,
		"hustings://node/+3":                  0,
		"hustings://node/":                    0,
		"hustings://host/3":                   0,
		"https://node/3":                      0,
		"hustings://node/3 hustings://node/4": 0,
	} {
		var c x509.Certificate
		for text := range strings.FieldsSeq(uris) {
			u, err := url.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			c.URIs = append(c.URIs, u)
		}
		if n, err := NodeOf(&c); n != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %v, %v, want %v", uris, n, err, want)
		}
	}
}
