package node_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
)

// issue makes an authority and a certificate by it, good for this machine.
func issue(t *testing.T) (files peer.Credentials, authority *x509.CertPool, own tls.Certificate) {
	t.Helper()
	dir := t.TempDir()
	if err := peer.MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	if err := peer.MakeCertificate(dir, filepath.Join(dir, "own"), 1, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	files = peer.CredentialsIn(filepath.Join(dir, "own"))
	pem, err := os.ReadFile(files.Authority)
	if err != nil {
		t.Fatal(err)
	}
	authority = x509.NewCertPool()
	authority.AppendCertsFromPEM(pem)
	if own, err = tls.LoadX509KeyPair(files.Certificate, files.Key); err != nil {
		t.Fatal(err)
	}
	return files, authority, own
}

// Both listeners are served over TLS, the operator's to who shows a certificate, and a certificate that is replaced is in use.
func TestListenersAreSecured(t *testing.T) {
	server, authority, _ := issue(t)
	operators, _, own := issue(t)
	config := configOf(t.TempDir())
	config.TLS = node.TLS{Certificate: server.Certificate, Key: server.Key, Clients: operators.Authority}
	r := start(t, config)
	type answer struct {
		status, major int
		strict        string
	}
	get := func(url string, c *tls.Config) (answer, error) {
		transport := &http.Transport{TLSClientConfig: c}
		defer transport.CloseIdleConnections()
		w, err := (&http.Client{Transport: transport}).Get(url)
		if err != nil {
			return answer{}, err
		}
		w.Body.Close()
		return answer{w.StatusCode, w.ProtoMajor, w.Header.Get("Strict-Transport-Security")}, nil
	}
	w, err := get("https://"+r.Addr()+"/api/markets", &tls.Config{RootCAs: authority})
	if err != nil || w.status != http.StatusOK || w.strict == "" || w.major != 1 {
		t.Fatalf("%+v, %v", w, err)
	}
	admin := "https://" + r.AdminAddr() + "/health"
	if _, err := get(admin, &tls.Config{RootCAs: authority}); err == nil {
		t.Error("the operator's API answers who shows no certificate")
	}
	if w, err := get(admin, &tls.Config{RootCAs: authority, Certificates: []tls.Certificate{own}}); err != nil || w.status != http.StatusOK {
		t.Errorf("%+v, %v", w, err)
	}
	if w, err := http.Get("http://" + r.Addr() + "/api/markets"); err == nil {
		w.Body.Close()
		if w.StatusCode == http.StatusOK {
			t.Error("it is answered without TLS as well")
		}
	}

	next, nextAuthority, _ := issue(t)
	for from, to := range map[string]string{next.Certificate: server.Certificate, next.Key: server.Key} {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.ReloadCertificates(); err != nil {
		t.Fatal(err)
	}
	if w, err := get("https://"+r.Addr()+"/api/markets", &tls.Config{RootCAs: nextAuthority}); err != nil || w.status != http.StatusOK {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestTLSNeedsAllItsFiles(t *testing.T) {
	files, _, _ := issue(t)
	for _, c := range []node.TLS{{Certificate: files.Certificate}, {Key: files.Key}, {Clients: files.Authority}, {Certificate: "gone", Key: files.Key}} {
		config := configOf(t.TempDir())
		config.TLS = c
		if n, err := node.Start(config); err == nil {
			n.Close()
			t.Errorf("%+v starts", c)
		}
	}
}

// A new exchange begins with the latest rules. One that began with earlier ones keeps them.
func TestNewExchangeHasTheLatestRules(t *testing.T) {
	config := configOf(t.TempDir())
	config.Replica.Rules = exchange.MoveRules // as a program of then would begin
	r := start(t, config)
	if got := r.View().Rules(); got != exchange.MoveRules {
		t.Fatalf("rules %d", got)
	}
	r.close(t)
	config.Replica.Rules = 0
	if got := start(t, config).View().Rules(); got != exchange.MoveRules {
		t.Errorf("an exchange that is there has rules %d", got)
	}
	if got := start(t, configOf(t.TempDir())).View().Rules(); got != exchange.RulesVersion {
		t.Errorf("a new exchange has rules %d", got)
	}
}
