package node_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	dto "github.com/prometheus/client_model/go"

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

	until := float64(must[tls.Certificate](t)(tls.LoadX509KeyPair(server.Certificate, server.Key)).Leaf.NotAfter.Unix())
	if got := expiries(t, r); len(got) != 2 || got["api"] != until || got["operator"] != until {
		t.Errorf("the certificates end %v, not %v", got, until)
	}

	next, nextAuthority, _ := issue(t)
	for from, to := range map[string]string{next.Certificate: server.Certificate, next.Key: server.Key} {
		copyFile(t, from, to)
	}
	if err := r.ReloadCertificates(); err != nil {
		t.Fatal(err)
	}
	if w, err := get("https://"+r.Addr()+"/api/markets", &tls.Config{RootCAs: nextAuthority}); err != nil || w.status != http.StatusOK {
		t.Errorf("%+v, %v", w, err)
	}
}

// expiries is when the certificates in use end, by use, in seconds since 1970.
func expiries(t *testing.T, r *running) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for _, f := range must[[]*dto.MetricFamily](t)(r.Metrics().Gather()) {
		if f.GetName() == "hustings_certificate_expiry_timestamp_seconds" {
			for _, s := range f.Metric {
				all[s.Label[0].GetValue()] = s.GetGauge().GetValue()
			}
		}
	}
	return all
}

// The certificate that a running node shows to others is replaced, and how long it lasts is measured.
func TestCertificateBetweenNodesIsReplaced(t *testing.T) {
	f := newFleet(t, 1)
	own := f.config(1, "").Cluster.Credentials
	next := f.path("next")
	if err := peer.MakeCertificate(f.path("authority"), next, 1); err != nil {
		t.Fatal(err)
	}
	replaced := peer.CredentialsIn(next)
	shown := must[tls.Certificate](t)(tls.LoadX509KeyPair(replaced.Certificate, replaced.Key)).Leaf
	copyFile(t, replaced.Certificate, own.Certificate)
	if err := f.nodes[1].ReloadCertificates(); err == nil {
		t.Error("half a pair is taken")
	}
	copyFile(t, replaced.Key, own.Key)
	if err := f.nodes[1].ReloadCertificates(); err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", f.members[0].Address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"hustings/1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().PeerCertificates[0]; !got.Equal(shown) {
		t.Errorf("it shows number %v, not %v", got.SerialNumber, shown.SerialNumber)
	}
	if got := expiries(t, f.nodes[1]); len(got) != 1 || got["peers"] != float64(shown.NotAfter.Unix()) {
		t.Errorf("it ends %v, not %v", got, shown.NotAfter)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, must[[]byte](t)(os.ReadFile(from)), 0o600); err != nil {
		t.Fatal(err)
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
