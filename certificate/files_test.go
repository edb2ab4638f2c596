package certificate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The library for ACME gives up what it has not used of an order in a goroutine of its own, which asks the authority again for minutes
// where that is gone.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("golang.org/x/crypto/acme/autocert.(*Manager).deactivatePendingAuthz"))
}

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, next: 1}
	a.key, a.cert = a.make(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) make(template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.next++
	template.SerialNumber = big.NewInt(a.next)
	template.Subject = pkix.Name{CommonName: "test"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, c
}

// issue returns a certificate for 127.0.0.1, good for servers and clients.
func (a *authority) issue() tls.Certificate {
	a.t.Helper()
	key, c := a.make(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func store(t *testing.T, f Files, c tls.Certificate) {
	t.Helper()
	write(t, f.Certificate, "CERTIFICATE", c.Certificate[0])
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f.Key, "PRIVATE KEY", der)
}

func filesIn(dir string) Files {
	return Files{Certificate: filepath.Join(dir, "server.pem"), Key: filepath.Join(dir, "server.key")}
}

func listen(t *testing.T, config *tls.Config) string {
	t.Helper()
	return listenAt(t, "127.0.0.1:0", config)
}

// listenAt serves one byte to each connection until the test ends.
func listenAt(t *testing.T, address string, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", address, config)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				_, _ = conn.Write([]byte{1}) // it fails where the handshake does
				conn.Close()
			})
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return l.Addr().String()
}

// shake connects, and returns what the server showed. With TLS 1.3 a client hears only by reading that it is not let in.
func shake(address string, config *tls.Config) (tls.ConnectionState, error) {
	conn, err := tls.Dial("tcp", address, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	_, err = io.ReadFull(conn, make([]byte, 1))
	return conn.ConnectionState(), err
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestNewFilesAreServed(t *testing.T) {
	a, f := newAuthority(t), filesIn(t.TempDir())
	first, second := a.issue(), a.issue()
	store(t, f, first)
	s, err := Load(f, quiet())
	if err != nil {
		t.Fatal(err)
	}
	address := listen(t, s.Config())
	shows := func(want tls.Certificate) {
		t.Helper()
		state, err := shake(address, &tls.Config{RootCAs: a.pool(), NextProtos: []string{"h2", "http/1.1"}})
		if err != nil || !state.PeerCertificates[0].Equal(want.Leaf) || state.NegotiatedProtocol != "http/1.1" {
			t.Fatalf("%v, %q", err, state.NegotiatedProtocol)
		}
	}
	shows(first)
	write(t, f.Certificate, "CERTIFICATE", second.Certificate[0]) // whoever renews writes one file after the other
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "private key does not match") {
		t.Errorf("half a pair: %v", err)
	}
	shows(first)
	store(t, f, second)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	shows(second)
	if err := os.Remove(f.Key); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); err == nil {
		t.Error("a file that is gone is no error")
	}
	shows(second)
	for _, old := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		if _, err := shake(address, &tls.Config{RootCAs: a.pool(), MinVersion: old, MaxVersion: old}); err == nil {
			t.Errorf("%s is spoken", tls.VersionName(old))
		}
	}
}

func TestWatchReloads(t *testing.T) {
	a, f := newAuthority(t), filesIn(t.TempDir())
	store(t, f, a.issue())
	s, err := Load(f, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Watch(ctx, time.Millisecond) }()
	next := a.issue()
	store(t, f, next)
	for !s.current.Load().Certificates[0].Leaf.Equal(next.Leaf) {
		if t.Context().Err() != nil {
			t.Fatal("the new certificate is not in use")
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	<-done
}

func TestClientsShowCertificates(t *testing.T) {
	servers, operators, others := newAuthority(t), newAuthority(t), newAuthority(t)
	f := filesIn(t.TempDir())
	f.Clients = filepath.Join(filepath.Dir(f.Key), "operators.pem")
	store(t, f, servers.issue())
	write(t, f.Clients, "CERTIFICATE", operators.cert.Raw)
	s, err := Load(f, quiet())
	if err != nil {
		t.Fatal(err)
	}
	address := listen(t, s.Config())
	config := func(own ...tls.Certificate) *tls.Config {
		return &tls.Config{RootCAs: servers.pool(), Certificates: own, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	}
	operator := config(operators.issue())
	for range 2 {
		if state, err := shake(address, operator); err != nil || state.DidResume || state.Version != tls.VersionTLS13 {
			t.Fatalf("%v, resumed %v", err, state.DidResume)
		}
	}
	for name, c := range map[string]*tls.Config{"none": config(), "another authority's": config(others.issue()), "the server's authority's": config(servers.issue())} {
		if _, err := shake(address, c); err == nil {
			t.Errorf("a client with %s is let in", name)
		}
	}
	write(t, f.Clients, "CERTIFICATE", others.cert.Raw)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := shake(address, operator); err == nil {
		t.Error("a client is let in whose authority is not believed any more")
	}
	if _, err := shake(address, config(others.issue())); err != nil {
		t.Error(err)
	}
}

func TestWrongFilesAreNamed(t *testing.T) {
	a, f := newAuthority(t), filesIn(t.TempDir())
	if _, err := Load(f, quiet()); err == nil || !strings.Contains(err.Error(), f.Certificate) {
		t.Errorf("no files: %v", err)
	}
	store(t, f, a.issue())
	f.Clients = f.Key
	if _, err := Load(f, quiet()); err == nil || !strings.Contains(err.Error(), "no certificate in it") {
		t.Errorf("a key for an authority: %v", err)
	}
}

// Without a network the names are still checked before anybody is asked for a certificate.
func TestACMEKnowsItsNames(t *testing.T) {
	config := ACME{Hosts: []string{"exchange.example"}, Cache: t.TempDir(), Directory: "http://127.0.0.1:1/directory"}.Config()
	_, err := config.GetCertificate(&tls.ClientHelloInfo{ServerName: "other.example"})
	if err == nil || !strings.Contains(err.Error(), "not configured") {
		t.Errorf("a name that is not ours: %v", err)
	}
}
